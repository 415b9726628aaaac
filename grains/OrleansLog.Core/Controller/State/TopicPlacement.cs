using System.Collections.Immutable;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

/// <summary>Makes the first states of new partitions: brokers, directories, leader and ISR.</summary>
internal sealed class TopicPlacement(MetadataImage image, int mostPartitions)
{
    private readonly DirectoryPlacement _directories = new(image);
    private ReplicaPlacement? _replicas;

    /// <summary>Places partitions; the answer is null, or what was wrong with the request.</summary>
    public (ErrorCode Error, string Message)? Place(
        IReadOnlyList<IReadOnlyList<int>>? assignments,
        int count,
        int firstPartition,
        int replicationFactor,
        ref int budget,
        out PartitionImage[] partitions)
    {
        partitions = [];
        if (count <= 0)
        {
            return (ErrorCode.InvalidPartitions, $"{count} partitions cannot be created; give a number from 1 up, or -1 for num.partitions");
        }

        if (count > budget)
        {
            return (ErrorCode.PolicyViolation, $"one request creates at most {mostPartitions} partitions (orleanslog.request.partitions.max); ask in several");
        }

        var wrong = assignments is null ? CheckFactor(replicationFactor) : CheckAssignments(assignments, firstPartition == 0 ? -1 : replicationFactor);
        if (wrong is not null)
        {
            return wrong;
        }

        budget -= count;
        partitions = new PartitionImage[count];
        for (var i = 0; i < count; i++)
        {
            var replicas = assignments is null ? _replicas!.Choose(replicationFactor) : [.. assignments[i]];
            partitions[i] = Create(firstPartition + i, replicas);
        }

        return null;
    }

    private (ErrorCode, string)? CheckFactor(int replicationFactor)
    {
        _replicas ??= new ReplicaPlacement(image);
        if (replicationFactor is <= 0 or > short.MaxValue)
        {
            return (ErrorCode.InvalidReplicationFactor, $"replication factor {replicationFactor} is not valid; give a number from 1 up, or -1 for default.replication.factor");
        }

        return replicationFactor <= _replicas.BrokerCount
            ? null
            : (ErrorCode.InvalidReplicationFactor,
                $"replication factor {replicationFactor} needs {replicationFactor} brokers, {_replicas.BrokerCount} can take replicas now; start more, or ask for fewer copies");
    }

    private (ErrorCode, string)? CheckAssignments(IReadOnlyList<IReadOnlyList<int>> assignments, int replicationFactor)
    {
        var length = replicationFactor == -1 ? assignments[0].Count : replicationFactor;
        foreach (var replicas in assignments)
        {
            if (replicas.Count == 0 || replicas.Count != length)
            {
                return (ErrorCode.InvalidReplicaAssignment, $"every partition needs {Math.Max(1, length)} replicas, one is assigned {replicas.Count}");
            }

            if (replicas.Distinct().Count() != replicas.Count)
            {
                return (ErrorCode.InvalidReplicaAssignment, $"a partition is assigned to a broker twice: {string.Join(", ", replicas)}");
            }

            foreach (var id in replicas)
            {
                if (image.FindBroker(id) is null)
                {
                    return (ErrorCode.InvalidReplicaAssignment, $"broker {id} is not registered");
                }
            }
        }

        if (assignments.FirstOrDefault(replicas => !replicas.Any(CanLead)) is { } dead)
        {
            return (ErrorCode.InvalidReplicaAssignment, $"none of the brokers {string.Join(", ", dead)} is alive");
        }

        return null;
    }

    private PartitionImage Create(int number, ImmutableArray<int> replicas)
    {
        var isr = replicas.Where(CanLead).ToImmutableArray();
        return new PartitionImage
        {
            Partition = number,
            Replicas = replicas,
            Directories = [.. replicas.Select(_directories.Choose)],
            Isr = isr,
            Leader = isr[0],
        };
    }

    private bool CanLead(int id) => image.FindBroker(id) is { IsActive: true };
}

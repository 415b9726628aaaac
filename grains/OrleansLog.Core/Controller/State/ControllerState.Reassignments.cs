using System.Collections.Immutable;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>Starts, changes and cancels reassignments (KIP-455), each partition for itself.</summary>
    /// <param name="requests">What to move where.</param>
    /// <param name="mayChangeFactor">False refuses a target of another length than the partition has replicas (KIP-860).</param>
    public Decision<PartitionAnswer[]> AlterReassignments(IReadOnlyList<Reassign> requests, bool mayChangeFactor = true)
    {
        var records = new List<MetadataRecord>();
        var directories = new DirectoryPlacement(Latest);
        var repeated = Repeated(requests.Select(request => (request.Topic, request.Partition)));
        var answers = requests.Select(request =>
        {
            var wrong = repeated.Contains((request.Topic, request.Partition))
                ? (ErrorCode.InvalidRequest, $"{request.Topic}-{request.Partition} is named twice in one request")
                : AlterReassignment(request, mayChangeFactor, directories, records);
            return new PartitionAnswer(request.Topic, request.Partition, wrong?.Error ?? ErrorCode.None, wrong?.Message);
        }).ToArray();
        return Decide(answers, records);
    }

    private (ErrorCode Error, string Message)? AlterReassignment(
        Reassign request, bool mayChangeFactor, DirectoryPlacement directories, List<MetadataRecord> records)
    {
        var name = $"{request.Topic}-{request.Partition}";
        var topic = Latest.FindTopic(request.Topic);
        if (topic?.Find(request.Partition) is not { } partition)
        {
            return (ErrorCode.UnknownTopicOrPartition, $"{name} does not exist");
        }

        var settled = Reassignment.Settled(partition);
        if (request.Target is null && !partition.IsReassigning)
        {
            return (ErrorCode.NoReassignmentInProgress, $"{name} is not being reassigned");
        }

        if (RefuseTarget(name, request.Target ?? settled, mayChangeFactor ? -1 : settled.Length) is { } refusal)
        {
            return refusal;
        }

        var wanted = Reassignment.Start(partition, [.. request.Target ?? settled], directories);
        var rules = RulesOf(Latest, topic);
        if (wanted.Isr.IsEmpty && wanted.Elr.IsEmpty && !(partition.Isr.IsEmpty && partition.Elr.IsEmpty) && !rules.UncleanAllowed)
        {
            return (ErrorCode.InvalidReplicaAssignment,
                $"only brokers that the reassignment of {name} adds are in sync now ({string.Join(", ", partition.Isr)}); taking them away would lose records. "
                + "Keep one of them among the target");
        }

        if (PartitionElection.Elect(Latest, topic.Id, partition, wanted, rules) is { } change)
        {
            records.Add(change);
        }

        return null;
    }

    private (ErrorCode, string)? RefuseTarget(string name, IReadOnlyList<int> target, int factor)
    {
        if (target.Count == 0)
        {
            return (ErrorCode.InvalidReplicaAssignment, $"{name} is assigned to no broker; name at least one");
        }

        if (target.Distinct().Count() != target.Count)
        {
            return (ErrorCode.InvalidReplicaAssignment, $"{name} is assigned to a broker twice: {string.Join(", ", target)}");
        }

        foreach (var id in target)
        {
            if (Latest.FindBroker(id) is null)
            {
                return (ErrorCode.InvalidReplicaAssignment, $"broker {id} of {name} is not registered");
            }
        }

        return factor == -1 || target.Count == factor
            ? null
            : (ErrorCode.InvalidReplicationFactor, $"{name} has {factor} replicas, the target names {target.Count}, and the request forbids another number");
    }
}

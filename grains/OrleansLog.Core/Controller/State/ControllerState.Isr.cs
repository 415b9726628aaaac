using System.Collections.Immutable;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>Changes ISRs as their leaders ask for, each partition for itself, and completes reassignments that this brings in sync.</summary>
    /// <remarks>An answer with <see cref="AlterPartitionAnswer.LetsLeaderRollBack"/> may only be given by a controller that is still the head of the log (D2).</remarks>
    public Decision<AlterPartitionAnswer> AlterPartition(AlterPartition request)
    {
        if (Latest.FindBroker(request.BrokerId) is not { } broker || broker.Epoch != request.BrokerEpoch)
        {
            return Decide(new AlterPartitionAnswer(ErrorCode.StaleBrokerEpoch, []));
        }

        var records = new List<MetadataRecord>();
        var errors = new ErrorCode[request.Partitions.Length];
        var seen = new HashSet<TopicIdPartition>();
        for (var i = 0; i < errors.Length; i++)
        {
            var asked = request.Partitions[i];
            errors[i] = seen.Add(asked.Partition) ? AlterIsr(request.BrokerId, asked, records) : ErrorCode.InvalidRequest;
        }

        Emit(records);
        return Decide(new AlterPartitionAnswer(
            ErrorCode.None, [.. errors.Select((error, i) => AnswerTo(request.BrokerId, request.Partitions[i], error))]));
    }

    private ErrorCode AlterIsr(int brokerId, AskedIsr asked, List<MetadataRecord> records)
    {
        var topic = Latest.FindTopic(asked.Partition.TopicId);
        if (topic?.Find(asked.Partition.Partition) is not { } partition)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        if (RefuseIsr(brokerId, asked, partition) is var refusal && refusal != ErrorCode.None)
        {
            if (refusal == ErrorCode.IneligibleReplica)
            {
                // The leader may take it back, so it must never come true: a copy of the request that is still under way finds another partition epoch.
                records.Add(new PartitionChangeRecord { TopicId = topic.Id, Partition = partition.Partition, PartitionEpoch = partition.PartitionEpoch + 1 });
            }

            return refusal;
        }

        ImmutableArray<int> isr = [.. partition.Replicas.Where(id => asked.NewIsr.Any(member => member.BrokerId == id))];
        ImmutableArray<int> elr = [.. partition.Elr.Union(partition.Isr).Except(isr).Except(asked.Lost)];
        if (isr.Length == partition.Isr.Length && isr.All(id => partition.Isr.Contains(id)) && elr.Length == partition.Elr.Length)
        {
            return ErrorCode.None;
        }

        var wanted = partition with { Isr = isr, Elr = elr };
        if (PartitionElection.Elect(Latest, topic.Id, partition, wanted, RulesOf(Latest, topic)) is { } change)
        {
            records.Add(change);
        }

        return ErrorCode.None;
    }

    /// <summary>The order matters: what may still become true is told before what never will.</summary>
    private ErrorCode RefuseIsr(int brokerId, AskedIsr asked, PartitionImage partition)
    {
        if (asked.LeaderEpoch > partition.LeaderEpoch || asked.PartitionEpoch > partition.PartitionEpoch)
        {
            return ErrorCode.NotController;
        }

        if (asked.LeaderEpoch < partition.LeaderEpoch)
        {
            return ErrorCode.FencedLeaderEpoch;
        }

        if (partition.Leader != brokerId)
        {
            return ErrorCode.InvalidRequest;
        }

        if (asked.PartitionEpoch < partition.PartitionEpoch)
        {
            return ErrorCode.InvalidUpdateVersion;
        }

        var ids = asked.NewIsr.Select(member => member.BrokerId).ToHashSet();
        var resigns = asked.Lost.Contains(brokerId) && ids.Count > 0;
        if (ids.Count != asked.NewIsr.Length || !(ids.Contains(brokerId) || resigns) || !ids.IsSubsetOf(partition.Replicas)
            || asked.Lost.Any(id => ids.Contains(id) || !partition.Replicas.Contains(id)))
        {
            return ErrorCode.InvalidRequest;
        }

        return asked.NewIsr.All(member => MayJoinIsr(partition, member) && (partition.Isr.Contains(member.BrokerId) || HasDirectory(partition, member.BrokerId))) ? ErrorCode.None : ErrorCode.IneligibleReplica;
    }

    private bool MayJoinIsr(PartitionImage partition, IsrMember member) =>
        Latest.FindBroker(member.BrokerId) is { } broker && broker.Epoch == member.BrokerEpoch && CanLead(partition, member.BrokerId);

    /// <summary>
    /// Nobody is trusted before it is known in which directory its replica lies: were that lost meanwhile, the empty one in its place would pass
    /// for it (D11).
    /// </summary>
    private static bool HasDirectory(PartitionImage partition, int id) => partition.DirectoryOf(id) != DirectoryIds.Unassigned;

    private AskedIsrAnswer AnswerTo(int brokerId, AskedIsr asked, ErrorCode error)
    {
        var now = Latest.FindPartition(asked.Partition.TopicId, asked.Partition.Partition);
        var electedAnew = error == ErrorCode.None && (now!.Leader != brokerId || now.LeaderEpoch != asked.LeaderEpoch);
        return new AskedIsrAnswer(asked.Partition, electedAnew ? ErrorCode.NewLeaderElected : error, now);
    }
}

using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Between what leaders and administrators send and what the state machine reads.</summary>
internal static class ReplicationMapping
{
    public static AlterPartition ToRequest(this IsrChanges changes) => new(changes.BrokerId, changes.BrokerEpoch, [.. changes.Partitions.Select(change =>
        new AskedIsr(
            new TopicIdPartition(change.TopicId, change.Partition), change.LeaderEpoch, change.PartitionEpoch,
            [.. change.NewIsr.Select(member => new IsrMember(member.BrokerId, member.BrokerEpoch))])
        {
            Lost = [.. change.Lost],
        })]);

    public static IsrChangeResults ToResults(this AlterPartitionAnswer answer, long controllerEpoch, long version) =>
        new(answer.Error, controllerEpoch, [.. answer.Partitions.Select(ToResult)]) { Version = version };

    public static IsrChangeResults NotController(long controllerEpoch) => new(ErrorCode.NotController, controllerEpoch, []);

    public static PartitionResults ToResults(this PartitionAnswer[] answers, long version) =>
        new(version, [.. answers.Select(answer => new PartitionResult(answer.Topic, answer.Partition, answer.Error, answer.Message))]);

    private static PartitionIsrResult ToResult(AskedIsrAnswer answer)
    {
        var result = new PartitionIsrResult { TopicId = answer.Partition.TopicId, Partition = answer.Partition.Partition, Error = answer.Error };
        return answer.Now is not { } now ? result : result with
        {
            LeaderId = now.Leader,
            LeaderEpoch = now.LeaderEpoch,
            PartitionEpoch = now.PartitionEpoch,
            Isr = [.. now.Isr],
            Replicas = [.. now.Replicas],
            Adding = [.. now.Adding],
            Elr = [.. now.Elr],
        };
    }
}

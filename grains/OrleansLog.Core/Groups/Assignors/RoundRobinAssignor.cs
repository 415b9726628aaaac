using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>roundrobin.</summary>
internal sealed class RoundRobinAssignor : PartitionAssignor
{
    public override string Name => "roundrobin";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts) => throw new NotSupportedException();
}

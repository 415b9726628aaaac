using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>As even as the subscriptions allow, and of all such divisions one that moves little (KIP-54).</summary>
internal sealed class StickyAssignor : PartitionAssignor
{
    public override string Name => "sticky";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts) =>
        new StickyBalance(members, partitionCounts).Divide();
}

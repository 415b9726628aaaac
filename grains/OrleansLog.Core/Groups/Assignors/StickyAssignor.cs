using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>sticky.</summary>
internal sealed class StickyAssignor : PartitionAssignor
{
    public override string Name => "sticky";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts) => throw new NotSupportedException();
}

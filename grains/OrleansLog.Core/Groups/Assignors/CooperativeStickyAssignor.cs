using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>cooperative-sticky.</summary>
internal sealed class CooperativeStickyAssignor : PartitionAssignor
{
    public override string Name => "cooperative-sticky";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts) => throw new NotSupportedException();
}

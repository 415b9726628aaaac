using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>range.</summary>
internal sealed class RangeAssignor : PartitionAssignor
{
    public override string Name => "range";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts) => throw new NotSupportedException();
}

using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>Divides partitions among the members of a group. Pure: the same input gives the same answer.</summary>
public abstract class PartitionAssignor
{
    private static readonly PartitionAssignor[] Known =
        [new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(), new CooperativeStickyAssignor()];

    /// <summary>The protocol name that members offer it by.</summary>
    public abstract string Name { get; }

    /// <summary>The assignor of that name, or null.</summary>
    public static PartitionAssignor? Find(string? name) => Array.Find(Known, assignor => assignor.Name == name);

    /// <summary>Divides every partition of every topic that somebody subscribes to and that exists.</summary>
    /// <param name="members">Who wants what; member ids are unique.</param>
    /// <param name="partitionCounts">Partitions of the topics that exist; others are skipped.</param>
    /// <returns>For every member what it gets, perhaps nothing.</returns>
    public abstract IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts);
}

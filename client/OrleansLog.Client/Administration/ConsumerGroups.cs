namespace OrleansLog.Client;

/// <summary>A consumer group with its members.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="State">Its state by Kafka's name: <c>Empty</c>, <c>PreparingRebalance</c>, <c>CompletingRebalance</c>, <c>Stable</c>, <c>Dead</c>.</param>
/// <param name="Assignor">The assignor of the generation; empty without members.</param>
/// <param name="CoordinatorId">Broker that coordinates it, or -1.</param>
/// <param name="Members">Its members.</param>
public sealed record ConsumerGroup(string GroupId, string State, string Assignor, int CoordinatorId, IReadOnlyList<ConsumerGroupMember> Members);

/// <summary>A member of a group.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Name of a static member, or null.</param>
/// <param name="ClientId">What it calls itself.</param>
/// <param name="Host">Address that it calls from.</param>
/// <param name="Partitions">What it reads.</param>
public sealed record ConsumerGroupMember(
    string MemberId, string? GroupInstanceId, string ClientId, string Host, IReadOnlyList<TopicPartition> Partitions);

/// <summary>How far a group is with a partition that a member reads or that it has an offset of.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="CommittedOffset">Offset of the next record to read; null where nothing is committed.</param>
/// <param name="LogEndOffset">Where the partition ends; null where it cannot be told, as for a topic that was deleted.</param>
/// <param name="Member">Who reads it, or null.</param>
public sealed record GroupPartitionProgress(TopicPartition Partition, long? CommittedOffset, long? LogEndOffset, ConsumerGroupMember? Member)
{
    /// <summary>Records that are not committed yet; null where one of the offsets is not known.</summary>
    public long? Lag => LogEndOffset is { } end && CommittedOffset is { } committed ? Math.Max(0, end - committed) : null;
}

/// <summary>A group and how far it is with each partition.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partitions">By topic and partition.</param>
public sealed record GroupProgress(ConsumerGroup Group, IReadOnlyList<GroupPartitionProgress> Partitions)
{
    /// <summary>Records that are not committed yet, of all partitions where that is known.</summary>
    public long TotalLag => Partitions.Sum(static partition => partition.Lag ?? 0);
}

/// <summary>What a reset of a group's offset does, or would do, to one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="CommittedOffset">What is committed now; null for nothing.</param>
/// <param name="NewOffset">What it is set to, within what the partition has.</param>
public sealed record OffsetResetStep(TopicPartition Partition, long? CommittedOffset, long NewOffset);

/// <summary>Where a group's offsets are moved to.</summary>
/// <example>
/// <code>
/// var steps = await log.Admin.ResetGroupOffsetsAsync("billing", [partition], OffsetReset.To(StartAt.Beginning), dryRun: true);
/// </code>
/// </example>
public readonly record struct OffsetReset
{
    private OffsetReset(StartAt target, long? shift, bool isCurrent) => (Target, Shift, IsCurrent) = (target, shift, isCurrent);

    internal StartAt Target { get; }

    internal long? Shift { get; }

    internal bool IsCurrent { get; }

    /// <summary>Where reading would start so: an end, an offset, a time, so many records before the end.</summary>
    public static OffsetReset To(StartAt position) => new(position, null, false);

    /// <summary>So many records on from what is committed, or back.</summary>
    public static OffsetReset By(long records) => new(default, records, false);

    /// <summary>To what is committed; the end where nothing is. Brings offsets that no longer exist back into the partition.</summary>
    public static OffsetReset Current { get; } = new(default, null, true);
}

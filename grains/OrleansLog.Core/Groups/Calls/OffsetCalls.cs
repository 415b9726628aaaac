using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>Offsets to remember (OffsetCommit).</summary>
public sealed record CommitCall
{
    /// <summary>The member's id; empty for consumers outside of group management.</summary>
    public string MemberId { get; init; } = "";

    /// <summary>Its instance id, or null.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>Its generation; -1 outside of group management.</summary>
    public int GenerationId { get; init; } = -1;

    /// <summary>How long to keep the offsets, in milliseconds (versions 2 to 4); -1: as configured.</summary>
    public long RetentionTimeMs { get; init; } = -1;

    /// <summary>True from request version 9 on: a commit of a generation to a group that nobody knows fails with <see cref="ErrorCode.GroupIdNotFound"/>, before with <see cref="ErrorCode.IllegalGeneration"/>.</summary>
    public bool KnowsGroupIdNotFound { get; init; }

    /// <summary>What to remember.</summary>
    public required IReadOnlyList<OffsetOffer> Offsets { get; init; }
}

/// <summary>One offset to remember.</summary>
public readonly record struct OffsetOffer
{
    /// <summary>Topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>Id of the topic that has the name now; zero where the caller does not know it.</summary>
    public Uuid TopicId { get; init; }

    /// <summary>Partition number.</summary>
    public required int Partition { get; init; }

    /// <summary>Next offset to be read.</summary>
    public required long Offset { get; init; }

    /// <summary>Leader epoch of the last record read, or -1.</summary>
    public required int LeaderEpoch { get; init; }

    /// <summary>A note of the client's; null counts as empty.</summary>
    public string? Metadata { get; init; }
}

/// <summary>Partitions whose offsets are to be forgotten (OffsetDelete).</summary>
public sealed record DeleteOffsetsCall
{
    /// <summary>Which partitions.</summary>
    public required IReadOnlyList<TopicPartitionName> Partitions { get; init; }
}

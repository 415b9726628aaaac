using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>Commits positions of a group (OffsetCommit).</summary>
[GenerateSerializer, Immutable, Alias("olog.CommitOffsetsCall")]
public sealed record CommitOffsetsCall
{
    /// <summary>The group.</summary>
    [Id(0)] public required string GroupId { get; init; }

    /// <summary>Generation of the member that commits, or -1 for a consumer that assigns its partitions itself, and for tools.</summary>
    [Id(1)] public int GenerationId { get; init; } = -1;

    /// <summary>Its member id, or empty with generation -1.</summary>
    [Id(2)] public string MemberId { get; init; } = "";

    /// <summary>Name of a static member, or null.</summary>
    [Id(3)] public string? GroupInstanceId { get; init; }

    /// <summary>Milliseconds to keep the offsets from now on, or -1 for <c>offsets.retention.minutes</c> after the group's end.</summary>
    [Id(4)] public long RetentionTimeMs { get; init; } = -1;

    /// <summary>What to commit.</summary>
    [Id(5)] public required OffsetToCommit[] Offsets { get; init; }

    /// <summary>True when the caller understands GROUP_ID_NOT_FOUND for a generation of a group that is gone; else it is told ILLEGAL_GENERATION.</summary>
    [Id(6)] public bool KnowsGroupIdNotFound { get; init; } = true;
}

/// <summary>A position to commit.</summary>
[GenerateSerializer, Immutable, Alias("olog.OffsetToCommit")]
public readonly record struct OffsetToCommit
{
    /// <summary>A position whose leader epoch is not known.</summary>
    public OffsetToCommit()
    {
    }

    /// <summary>The partition.</summary>
    [Id(0)] public required TopicPartition Partition { get; init; }

    /// <summary>Topic id that the caller means, or empty where it knows the name alone.</summary>
    [Id(1)] public Guid TopicId { get; init; }

    /// <summary>Offset of the next record to read.</summary>
    [Id(2)] public required long Offset { get; init; }

    /// <summary>Leader epoch of the last record read, or -1.</summary>
    [Id(3)] public int LeaderEpoch { get; init; } = -1;

    /// <summary>Text to keep with it, up to <c>offset.metadata.max.bytes</c>.</summary>
    [Id(4)] public string? Metadata { get; init; }
}

/// <summary>The answer to a <see cref="CommitOffsetsCall"/>, given when the offsets are committed.</summary>
/// <param name="Errors">One for each offset, in the order of the call.</param>
[GenerateSerializer, Immutable, Alias("olog.CommitOffsetsResult")]
public sealed record CommitOffsetsResult([property: Id(0)] ErrorCode[] Errors)
{
    /// <summary>The same refusal for every offset of a call.</summary>
    public static CommitOffsetsResult Failure(ErrorCode error, int count)
    {
        var errors = new ErrorCode[count];
        Array.Fill(errors, error);
        return new CommitOffsetsResult(errors);
    }
}

/// <summary>Asks for a group's committed offsets (OffsetFetch).</summary>
[GenerateSerializer, Immutable, Alias("olog.FetchOffsetsCall")]
public sealed record FetchOffsetsCall
{
    /// <summary>The group.</summary>
    [Id(0)] public required string GroupId { get; init; }

    /// <summary>The partitions asked for, or null for all that the group has offsets of.</summary>
    [Id(1)] public TopicPartition[]? Partitions { get; init; }

    /// <summary>True to be told UNSTABLE_OFFSET_COMMIT where a transaction has an offset pending (KIP-447).</summary>
    [Id(2)] public bool RequireStable { get; init; }
}

/// <summary>The answer to a <see cref="FetchOffsetsCall"/>.</summary>
/// <param name="Error">What holds for the whole group; <see cref="ErrorCode.None"/> when <paramref name="Offsets"/> is the answer.</param>
/// <param name="Offsets">In the order of the call, or all by topic and partition.</param>
[GenerateSerializer, Immutable, Alias("olog.FetchOffsetsResult")]
public sealed record FetchOffsetsResult([property: Id(0)] ErrorCode Error, [property: Id(1)] CommittedOffset[] Offsets)
{
    /// <summary>A refusal.</summary>
    public static FetchOffsetsResult Failure(ErrorCode error) => new(error, []);
}

/// <summary>A committed position.</summary>
[GenerateSerializer, Immutable, Alias("olog.CommittedOffset")]
public readonly record struct CommittedOffset
{
    /// <summary>The partition.</summary>
    [Id(0)] public required TopicPartition Partition { get; init; }

    /// <summary><see cref="ErrorCode.None"/>, also where nothing is committed.</summary>
    [Id(1)] public ErrorCode Error { get; init; }

    /// <summary>Offset of the next record to read, or -1 where nothing is committed.</summary>
    [Id(2)] public required long Offset { get; init; }

    /// <summary>Leader epoch of the last record read, or -1.</summary>
    [Id(3)] public int LeaderEpoch { get; init; }

    /// <summary>Text kept with it.</summary>
    [Id(4)] public string? Metadata { get; init; }
}

/// <summary>The answer to deleting a group's offsets (OffsetDelete).</summary>
/// <param name="Error">What holds for all of them.</param>
/// <param name="Errors">One for each partition, in the order of the call; empty when <paramref name="Error"/> is set.</param>
[GenerateSerializer, Immutable, Alias("olog.DeleteOffsetsResult")]
public sealed record DeleteOffsetsResult([property: Id(0)] ErrorCode Error, [property: Id(1)] ErrorCode[] Errors);

using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>Timestamps with a meaning of their own in <see cref="ListOffsetsQuery"/>, as Kafka numbers them.</summary>
public static class OffsetSpec
{
    /// <summary>The high watermark: where the next readable record will be.</summary>
    public const long Latest = -1;

    /// <summary>The log start offset.</summary>
    public const long Earliest = -2;

    /// <summary>The first record with the largest timestamp (KIP-734).</summary>
    public const long MaxTimestamp = -3;
}

/// <summary>Which offset of which partition is asked for.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="TimestampMs">Milliseconds since the Unix epoch, for the first record at or after it, or a value of <see cref="OffsetSpec"/>.</param>
/// <param name="CurrentLeaderEpoch">The leader epoch that the caller knows, or -1.</param>
[GenerateSerializer, Immutable, Alias("olog.ListOffsetsQuery")]
public readonly record struct ListOffsetsQuery(
    [property: Id(0)] TopicPartition Partition,
    [property: Id(1)] long TimestampMs,
    [property: Id(2)] int CurrentLeaderEpoch = -1);

/// <summary>The answer to one <see cref="ListOffsetsQuery"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why there is no answer.</param>
/// <param name="Offset">The offset, or -1 when no record is at or after the timestamp.</param>
/// <param name="TimestampMs">The timestamp of the record found, or -1.</param>
/// <param name="LeaderEpoch">The leader epoch of the record found, or -1.</param>
[GenerateSerializer, Immutable, Alias("olog.ListOffsetsResult")]
public readonly record struct ListOffsetsResult(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] long Offset,
    [property: Id(2)] long TimestampMs = -1,
    [property: Id(3)] int LeaderEpoch = -1);

/// <summary>Moves the log start offset of a partition (DeleteRecords, L16).</summary>
/// <param name="Partition">The partition.</param>
/// <param name="BeforeOffset">Everything before this offset goes; -1 stands for the high watermark.</param>
/// <param name="TimeoutMs">How long the other replicas may take, in milliseconds; at most <see cref="TimeoutMaxMs"/>.</param>
[GenerateSerializer, Immutable, Alias("olog.DeleteRecordsQuery")]
public readonly record struct DeleteRecordsQuery(
    [property: Id(0)] TopicPartition Partition,
    [property: Id(1)] long BeforeOffset,
    [property: Id(2)] int TimeoutMs = DeleteRecordsQuery.TimeoutMaxMs)
{
    /// <summary>The longest wait for the other replicas, in milliseconds.</summary>
    public const int TimeoutMaxMs = 10_000;
}

/// <summary>The answer to one <see cref="DeleteRecordsQuery"/>.</summary>
/// <param name="Error">
/// <see cref="ErrorCode.None"/>, or why nothing moved; with <see cref="ErrorCode.RequestTimedOut"/> the leader has moved, and replicas that are alive have not yet.
/// </param>
/// <param name="LogStartOffset">The smallest log start offset over the replicas that are alive, or -1.</param>
[GenerateSerializer, Immutable, Alias("olog.DeleteRecordsResult")]
public readonly record struct DeleteRecordsResult(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] long LogStartOffset);

/// <summary>A replica in a log directory of a broker.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="SizeBytes">Bytes of its log segments.</param>
/// <param name="LogEndOffset">Next offset to be written.</param>
[GenerateSerializer, Immutable, Alias("olog.ReplicaDescription")]
public readonly record struct ReplicaDescription(
    [property: Id(0)] TopicPartition Partition,
    [property: Id(1)] long SizeBytes,
    [property: Id(2)] long LogEndOffset);

/// <summary>One of a broker's <c>log.dirs</c>.</summary>
[GenerateSerializer, Immutable, Alias("olog.LogDirDescription")]
public sealed record LogDirDescription
{
    /// <summary><see cref="ErrorCode.KafkaStorageError"/> when the directory is offline.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Absolute path on the broker.</summary>
    [Id(1)] public required string Path { get; init; }

    /// <summary>Directory id of its <c>meta.properties</c>.</summary>
    [Id(2)] public Guid DirectoryId { get; init; }

    /// <summary>Size of the file system in bytes, or -1.</summary>
    [Id(3)] public long TotalBytes { get; init; } = -1;

    /// <summary>Bytes that can still be used, or -1.</summary>
    [Id(4)] public long UsableBytes { get; init; } = -1;

    /// <summary>The replicas that live there.</summary>
    [Id(5)] public ReplicaDescription[] Replicas { get; init; } = [];

    /// <summary>Why it is offline.</summary>
    [Id(6)] public string? Message { get; init; }
}

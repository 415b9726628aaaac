using OrleansLog.Core.Configuration;
using OrleansLog.Log;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Partitions;

/// <summary>A topic's configuration as one partition uses it on the hot path; replaced as a whole when it changes.</summary>
internal sealed partial record PartitionSettings
{
    public LogSettings Log { get; init; } = LogSettings.Default;

    public FlushPolicy FlushPolicy { get; init; } = FlushPolicy.Os;

    public long FlushMs { get; init; } = long.MaxValue;

    public long FlushMessages { get; init; } = long.MaxValue;

    public int MaxMessageBytes { get; init; } = 1024 * 1024 + RecordBatchHeader.LogOverhead;

    public long MaxDecompressedBytes { get; init; } = 100L * 1024 * 1024;

    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    public long TimestampAfterMaxMs { get; init; } = long.MaxValue;

    /// <summary>The codec of <c>compression.type</c>; null keeps the producer's.</summary>
    public CompressionCodec? ForcedCodec { get; init; }

    public int? CompressionLevel { get; init; }

    /// <summary>Whether the records of compressed batches are checked, too (ADR 17).</summary>
    public bool CompressedRecordsCheck { get; init; }

    public int MinInsyncReplicas { get; init; } = 1;

    /// <summary>What a leader asks of a batch now.</summary>
    public BatchRules RulesAt(long nowMs) => new()
    {
        MaxBatchBytes = MaxMessageBytes,
        RequireKeys = Log.IsCompacted,
        NowMs = nowMs,
        TimestampBeforeMaxMs = TimestampBeforeMaxMs,
        TimestampAfterMaxMs = TimestampAfterMaxMs,
        TimestampType = TimestampType,
        MaxDecompressedBytes = MaxDecompressedBytes,
        OpenCompressed = CompressedRecordsCheck,
    };
}

using OrleansLog.Log;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Core.Configuration;

public sealed partial class TopicConfig
{
    /// <summary>Whether <c>cleanup.policy</c> has <c>compact</c>.</summary>
    public bool IsCompacted { get; private set; }

    /// <summary>Whether <c>cleanup.policy</c> has <c>delete</c>.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary><c>retention.ms</c>; -1: no limit.</summary>
    public long RetentionMs { get; private set; }

    /// <summary><c>retention.bytes</c>; -1: no limit.</summary>
    public long RetentionBytes { get; private set; }

    /// <summary><c>segment.bytes</c>.</summary>
    public int SegmentBytes { get; private set; }

    /// <summary><c>segment.ms</c>.</summary>
    public long SegmentMs { get; private set; }

    /// <summary><c>segment.jitter.ms</c>.</summary>
    public long SegmentJitterMs { get; private set; }

    /// <summary><c>segment.index.bytes</c>.</summary>
    public int SegmentIndexBytes { get; private set; }

    /// <summary><c>index.interval.bytes</c>.</summary>
    public int IndexIntervalBytes { get; private set; }

    /// <summary><c>file.delete.delay.ms</c>.</summary>
    public long FileDeleteDelayMs { get; private set; }

    /// <summary><c>max.message.bytes</c>.</summary>
    public int MaxMessageBytes { get; private set; }

    /// <summary><c>message.timestamp.type</c>.</summary>
    public TimestampType MessageTimestampType { get; private set; }

    /// <summary><c>message.timestamp.before.max.ms</c>.</summary>
    public long MessageTimestampBeforeMaxMs { get; private set; }

    /// <summary><c>message.timestamp.after.max.ms</c>.</summary>
    public long MessageTimestampAfterMaxMs { get; private set; }

    /// <summary><c>compression.type</c>; <c>null</c> keeps the producer's codec.</summary>
    public CompressionCodec? ForcedCompression { get; private set; }

    /// <summary>The level that goes with <see cref="ForcedCompression"/>; <c>null</c> where the codec has none.</summary>
    public int? CompressionLevel { get; private set; }

    /// <summary><c>orleanslog.compressed.records.check</c> (ADR 17).</summary>
    public bool CompressedRecordsCheck { get; private set; }

    /// <summary><c>min.insync.replicas</c>; what counts is <see cref="EffectiveMinInsyncReplicas"/>.</summary>
    public int MinInsyncReplicas { get; private set; }

    /// <summary><c>unclean.leader.election.enable</c>.</summary>
    public bool UncleanLeaderElectionEnable { get; private set; }

    /// <summary><c>flush.ms</c>; <see cref="long.MaxValue"/>: never.</summary>
    public long FlushMs { get; private set; }

    /// <summary><c>flush.messages</c>; <see cref="long.MaxValue"/>: never.</summary>
    public long FlushMessages { get; private set; }

    /// <summary><c>orleanslog.flush.policy</c>; <c>null</c> is <c>auto</c>, see <see cref="FlushPolicyFor"/>.</summary>
    public FlushPolicy? ConfiguredFlushPolicy { get; private set; }

    /// <summary>
    /// The flush policy in force. <c>auto</c> is <see cref="FlushPolicy.Ack"/> for one replica, for more
    /// <see cref="FlushPolicy.Interval"/> where <c>flush.ms</c> or <c>flush.messages</c> is set, else <see cref="FlushPolicy.Os"/> (D4).
    /// </summary>
    /// <param name="replicationFactor">How many replicas the partition has.</param>
    public FlushPolicy FlushPolicyFor(int replicationFactor) =>
        ConfiguredFlushPolicy
        ?? (replicationFactor <= 1 ? FlushPolicy.Ack
            : FlushMs != long.MaxValue || FlushMessages != long.MaxValue ? FlushPolicy.Interval
            : FlushPolicy.Os);

    /// <summary>How many in-sync replicas an acks=all write needs: never more than there are replicas.</summary>
    /// <param name="replicationFactor">How many replicas the partition has.</param>
    public int EffectiveMinInsyncReplicas(int replicationFactor) => Math.Min(MinInsyncReplicas, Math.Max(1, replicationFactor));

    /// <summary>What the log itself needs to know.</summary>
    /// <param name="jitterMs">A random draw from 0 to <see cref="SegmentJitterMs"/>, made once for each partition.</param>
    public LogSettings ToLogSettings(long jitterMs = 0) => new()
    {
        SegmentBytes = SegmentBytes,
        SegmentMs = SegmentMs,
        SegmentJitterMs = Math.Min(Math.Clamp(jitterMs, 0, SegmentJitterMs), SegmentMs),
        SegmentIndexBytes = SegmentIndexBytes,
        IndexIntervalBytes = IndexIntervalBytes,
        RetentionMs = RetentionMs,
        RetentionBytes = RetentionBytes,
        IsCompacted = IsCompacted,
        IsDeleted = IsDeleted,
        FileDeleteDelayMs = FileDeleteDelayMs,
    };

    /// <summary>The broker's <c>orleanslog.batch.decompressed.max.bytes</c>.</summary>
    public long BatchDecompressedMaxBytes => _broker.BatchDecompressedMaxBytes;

    private void SetValues()
    {
        var cleanup = _values["cleanup.policy"].Value.Items;
        IsCompacted = cleanup.Contains("compact");
        IsDeleted = cleanup.Contains("delete");
        RetentionMs = Number("retention.ms");
        RetentionBytes = Number("retention.bytes");
        SegmentBytes = (int)Number("segment.bytes");
        SegmentMs = Number("segment.ms");
        SegmentJitterMs = Number("segment.jitter.ms");
        SegmentIndexBytes = (int)Number("segment.index.bytes");
        IndexIntervalBytes = (int)Number("index.interval.bytes");
        FileDeleteDelayMs = Number("file.delete.delay.ms");
        MaxMessageBytes = (int)Number("max.message.bytes");
        MessageTimestampType = Text("message.timestamp.type") == "LogAppendTime" ? TimestampType.LogAppendTime : TimestampType.CreateTime;
        MessageTimestampBeforeMaxMs = Number("message.timestamp.before.max.ms");
        MessageTimestampAfterMaxMs = Number("message.timestamp.after.max.ms");
        MinInsyncReplicas = (int)Number("min.insync.replicas");
        UncleanLeaderElectionEnable = Number("unclean.leader.election.enable") != 0;
        CompressedRecordsCheck = Number("orleanslog.compressed.records.check") != 0;
        FlushMs = Number("flush.ms");
        FlushMessages = Number("flush.messages");
        ConfiguredFlushPolicy = Text("orleanslog.flush.policy") switch
        {
            "os" => FlushPolicy.Os,
            "interval" => FlushPolicy.Interval,
            "ack" => FlushPolicy.Ack,
            _ => null,
        };
        (ForcedCompression, CompressionLevel) = Text("compression.type") switch
        {
            "uncompressed" => (CompressionCodec.None, (int?)null),
            "gzip" => (CompressionCodec.Gzip, (int)Number("compression.gzip.level")),
            "snappy" => (CompressionCodec.Snappy, null),
            "lz4" => (CompressionCodec.Lz4, (int)Number("compression.lz4.level")),
            "zstd" => (CompressionCodec.Zstd, (int)Number("compression.zstd.level")),
            _ => ((CompressionCodec?)null, (int?)null),
        };
    }

    private long Number(string name) => _values[name].Value.Number;

    private string Text(string name) => _values[name].Value.Text;
}

using OrleansLog.Core.Configuration;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

internal sealed partial record PartitionSettings
{
    /// <summary>The settings of one partition of a topic.</summary>
    /// <param name="topic">The topic's configuration in force.</param>
    /// <param name="replicationFactor">How many replicas the partition has; <c>auto</c> flushes by it (D4).</param>
    /// <param name="jitterSeed">Spreads the rolling of segments: the same partition always gets the same jitter.</param>
    public static PartitionSettings From(TopicConfig topic, int replicationFactor, int jitterSeed) => new()
    {
        Log = new LogSettings
        {
            SegmentBytes = topic.SegmentBytes,
            SegmentMs = topic.SegmentMs,
            SegmentJitterMs = topic.SegmentJitterMs <= 0 ? 0 : (uint)jitterSeed % Math.Min(topic.SegmentJitterMs, topic.SegmentMs),
            SegmentIndexBytes = topic.SegmentIndexBytes,
            IndexIntervalBytes = topic.IndexIntervalBytes,
            RetentionMs = topic.RetentionMs,
            RetentionBytes = topic.RetentionBytes,
            IsCompacted = topic.IsCompacted,
            IsDeleted = topic.IsDeleted,
            FileDeleteDelayMs = topic.FileDeleteDelayMs,
        },
        FlushPolicy = topic.FlushPolicyFor(replicationFactor),
        FlushMs = topic.FlushMs,
        FlushMessages = topic.FlushMessages,
        MaxMessageBytes = topic.MaxMessageBytes,
        MaxDecompressedBytes = topic.BatchDecompressedMaxBytes,
        TimestampType = topic.MessageTimestampType,
        TimestampBeforeMaxMs = topic.MessageTimestampBeforeMaxMs,
        TimestampAfterMaxMs = topic.MessageTimestampAfterMaxMs,
        ForcedCodec = topic.ForcedCompression,
        CompressionLevel = topic.CompressionLevel,
        CompressedRecordsCheck = topic.CompressedRecordsCheck,
        MinInsyncReplicas = topic.MinInsyncReplicas,
    };
}

namespace OrleansLog.Core.Configuration;

public sealed partial class BrokerConfig
{
    /// <summary><c>offsets.topic.num.partitions</c>.</summary>
    public int OffsetsTopicPartitions => Int("offsets.topic.num.partitions");

    /// <summary><c>offsets.topic.replication.factor</c>, or <see cref="DefaultReplicationFactor"/> where it is not set.</summary>
    public int OffsetsTopicReplicationFactor => Value("offsets.topic.replication.factor") is { } set ? (int)set.Number : DefaultReplicationFactor;

    /// <summary><c>offsets.topic.segment.bytes</c>.</summary>
    public int OffsetsTopicSegmentBytes => Int("offsets.topic.segment.bytes");

    /// <summary><c>offsets.topic.compression.codec</c>: the codec's number.</summary>
    public int OffsetsTopicCompressionCodec => Int("offsets.topic.compression.codec");

    /// <summary><c>offsets.load.buffer.size</c>, in bytes.</summary>
    public int OffsetsLoadBufferBytes => Int("offsets.load.buffer.size");

    /// <summary><c>offsets.commit.timeout.ms</c>.</summary>
    public int OffsetsCommitTimeoutMs => Int("offsets.commit.timeout.ms");

    /// <summary><c>offsets.retention.check.interval.ms</c>.</summary>
    public long OffsetsRetentionCheckIntervalMs => Long("offsets.retention.check.interval.ms");

    /// <summary><c>group.coordinator.threads</c>.</summary>
    public int GroupCoordinatorThreads => Int("group.coordinator.threads");

    /// <summary><c>orleanslog.groups.max</c>.</summary>
    public int GroupsMax => Int("orleanslog.groups.max");

    /// <summary><c>orleanslog.group.members.max.bytes</c>.</summary>
    public long GroupMembersMaxBytes => Long("orleanslog.group.members.max.bytes");

    /// <summary><c>orleanslog.group.waiting.max</c>.</summary>
    public int GroupWaitingMax => Int("orleanslog.group.waiting.max");

    /// <summary><c>orleanslog.group.load.wait.ms</c>; 0: requests do not wait.</summary>
    public int GroupLoadWaitMs => Int("orleanslog.group.load.wait.ms");

    /// <summary><c>orleanslog.metrics.consumer.lag.max</c>; 0: off.</summary>
    public int MetricsConsumerLagMax => Int("orleanslog.metrics.consumer.lag.max");
}

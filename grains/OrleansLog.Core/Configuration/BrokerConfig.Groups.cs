namespace OrleansLog.Core.Configuration;

public sealed partial class BrokerConfig
{
    /// <summary><c>group.min.session.timeout.ms</c>.</summary>
    public int GroupMinSessionTimeoutMs => Int("group.min.session.timeout.ms");

    /// <summary><c>group.max.session.timeout.ms</c>.</summary>
    public int GroupMaxSessionTimeoutMs => Int("group.max.session.timeout.ms");

    /// <summary><c>group.initial.rebalance.delay.ms</c>.</summary>
    public int GroupInitialRebalanceDelayMs => Int("group.initial.rebalance.delay.ms");

    /// <summary><c>group.max.size</c>.</summary>
    public int GroupMaxSize => Int("group.max.size");

    /// <summary><c>orleanslog.group.pending.members.max</c>.</summary>
    public int GroupPendingMembersMax => Int("orleanslog.group.pending.members.max");

    /// <summary><c>orleanslog.group.rebalance.timeout.max.ms</c>.</summary>
    public int GroupRebalanceTimeoutMaxMs => Int("orleanslog.group.rebalance.timeout.max.ms");

    /// <summary><c>offset.metadata.max.bytes</c>.</summary>
    public int OffsetMetadataMaxBytes => Int("offset.metadata.max.bytes");

    /// <summary><c>offsets.retention.minutes</c>.</summary>
    public int OffsetsRetentionMinutes => Int("offsets.retention.minutes");
}

using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Groups;

/// <summary>The configured bounds of groups; one object serves all groups of a broker.</summary>
public sealed record GroupSettings
{
    /// <summary><c>group.min.session.timeout.ms</c>.</summary>
    public int MinSessionTimeoutMs { get; init; } = 6_000;

    /// <summary><c>group.max.session.timeout.ms</c>.</summary>
    public int MaxSessionTimeoutMs { get; init; } = 1_800_000;

    /// <summary><c>orleanslog.group.rebalance.timeout.max.ms</c>: what a longer rebalance timeout counts as.</summary>
    public int MaxRebalanceTimeoutMs { get; init; } = 86_400_000;

    /// <summary><c>group.initial.rebalance.delay.ms</c>: how long an empty group waits for more members.</summary>
    public int InitialRebalanceDelayMs { get; init; } = 3_000;

    /// <summary><c>group.max.size</c>: most members.</summary>
    public int MaxSize { get; init; } = int.MaxValue;

    /// <summary><c>orleanslog.group.pending.members.max</c>: most members that were told an id and have not come back with it (KIP-394).</summary>
    public int MaxPendingMembers { get; init; } = 10_000;

    /// <summary><c>offset.metadata.max.bytes</c>: longest note committed with an offset, in UTF-8 bytes.</summary>
    public int OffsetMetadataMaxBytes { get; init; } = 4_096;

    /// <summary><c>offsets.retention.minutes</c> in milliseconds.</summary>
    public long OffsetsRetentionMs { get; init; } = 10_080L * 60_000;

    /// <summary>How long a member that never joined before may wait in a join; clients that gave up do not pile up (Kafka's constant).</summary>
    public int NewMemberJoinTimeoutMs { get; init; } = 300_000;

    /// <summary>Reads them from a broker's configuration.</summary>
    public static GroupSettings From(BrokerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new GroupSettings
        {
            MinSessionTimeoutMs = config.GroupMinSessionTimeoutMs,
            MaxSessionTimeoutMs = config.GroupMaxSessionTimeoutMs,
            MaxRebalanceTimeoutMs = config.GroupRebalanceTimeoutMaxMs,
            InitialRebalanceDelayMs = config.GroupInitialRebalanceDelayMs,
            MaxSize = config.GroupMaxSize,
            MaxPendingMembers = config.GroupPendingMembersMax,
            OffsetMetadataMaxBytes = config.OffsetMetadataMaxBytes,
            OffsetsRetentionMs = config.OffsetsRetentionMinutes * 60_000L,
        };
    }
}

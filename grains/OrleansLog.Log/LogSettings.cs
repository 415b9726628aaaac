namespace OrleansLog.Log;

/// <summary>
/// The settings of one partition's log, resolved from topic and broker configuration. Immutable; replace with
/// <see cref="PartitionLog.UpdateSettings"/>. Names follow Kafka's topic keys.
/// </summary>
public sealed record LogSettings
{
    /// <summary><c>segment.bytes</c>: a segment rolls before it would grow beyond this.</summary>
    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary><c>segment.ms</c>: a segment rolls when the next batch is this much younger than its first.</summary>
    public long SegmentMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary>Taken off <see cref="SegmentMs"/> so that partitions do not roll together: the caller's random draw from
    /// 0 to <c>segment.jitter.ms</c>.</summary>
    public long SegmentJitterMs { get; init; }

    /// <summary><c>segment.index.bytes</c>: a segment rolls when either index reaches this.</summary>
    public int SegmentIndexBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary><c>index.interval.bytes</c>: at most one index entry per this many bytes of log.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary><c>retention.ms</c>; negative: no limit.</summary>
    public long RetentionMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary><c>retention.bytes</c>; negative: no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>Whether <c>cleanup.policy</c> has <c>compact</c>.</summary>
    public bool IsCompacted { get; init; }

    /// <summary>Whether <c>cleanup.policy</c> has <c>delete</c>. Without it nothing goes by time or size (D16).</summary>
    public bool IsDeleted { get; init; } = true;

    /// <summary><c>file.delete.delay.ms</c>: how long the caller keeps <c>.deleted</c> files for readers that still have them.</summary>
    public long FileDeleteDelayMs { get; init; } = 60_000;

    /// <summary>The settings with every Kafka default.</summary>
    public static LogSettings Default { get; } = new();
}

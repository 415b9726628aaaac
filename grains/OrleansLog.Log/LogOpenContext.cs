namespace OrleansLog.Log;

/// <summary>What the log directory's checkpoints and markers say about a partition that is being opened.</summary>
public readonly record struct LogOpenContext
{
    /// <summary>Whether the clean-shutdown marker was there: no scan is needed.</summary>
    public bool WasCleanShutdown { get; init; }

    /// <summary>Whether data that was not synced may be gone (D11): no marker and the machine's boot id changed.</summary>
    public bool MayHaveLostUnsynced { get; init; }

    /// <summary>From <c>recovery-point-offset-checkpoint</c>; 0 where absent.</summary>
    public long RecoveryPoint { get; init; }

    /// <summary>From <c>log-start-offset-checkpoint</c>; 0 where absent.</summary>
    public long LogStartOffset { get; init; }

    /// <summary>From <c>replication-offset-checkpoint</c>; 0 where absent. What lies below it must not be lost (D15).</summary>
    public long HighWatermark { get; init; }

    /// <summary>The time, in milliseconds since the Unix epoch.</summary>
    public long NowMs { get; init; }
}

/// <summary>What opening a log found and did. Everything in it deserves a line in the broker's log.</summary>
public sealed record LogRecoveryReport
{
    /// <summary>Segments that were read through, with their CRCs checked.</summary>
    public int SegmentsScanned { get; init; }

    /// <summary>Bytes read by the scan.</summary>
    public long BytesScanned { get; init; }

    /// <summary>Bytes cut off the tail: written, but above the high watermark and torn.</summary>
    public long BytesCut { get; init; }

    /// <summary>Index files that were missing or damaged and were built again.</summary>
    public int IndexesRebuilt { get; init; }

    /// <summary>Producer snapshots that were damaged and dropped; what they held was built again from the batches.</summary>
    public int ProducerSnapshotsDropped { get; init; }

    /// <summary>Left-over files that were removed or completed (<c>.deleted</c>, <c>.cleaned</c>, <c>.swap</c>, indexes without a log).</summary>
    public IReadOnlyList<string> StaleFiles { get; init; } = [];

    /// <summary>Damage below the high watermark or in front of good batches: kept, and refused to readers (D15).</summary>
    public IReadOnlyList<LogDamage> Damage { get; init; } = [];

    /// <summary>Whether the leader-epoch-checkpoint was unreadable and was built again from the batches.</summary>
    public bool LeaderEpochsRebuilt { get; init; }
}

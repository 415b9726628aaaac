namespace OrleansLog.Log;

/// <summary>What opening hands to the log.</summary>
internal sealed class OpenedLog
{
    /// <summary>All segments, oldest first; the last one is pinned.</summary>
    internal required LogSegment[] Segments { get; init; }

    internal required ProducerStates Producers { get; init; }

    /// <summary>The newest producer snapshot, or -1.</summary>
    internal required long SnapshotOffset { get; init; }

    internal required LogRecoveryReport Report { get; init; }

    internal required long LogStartOffset { get; init; }

    internal required long LogEndOffset { get; init; }

    internal required long DurableEndOffset { get; init; }

    /// <summary>Segments before the active one that hold what is not known to be synced.</summary>
    internal required IReadOnlyList<LogSegment> AwaitingSync { get; init; }

    internal required long UnsyncedBytes { get; init; }

    internal required bool IsDirectorySyncOwed { get; init; }
}

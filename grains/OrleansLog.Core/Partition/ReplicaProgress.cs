namespace OrleansLog.Core.Partition;

/// <summary>What a leader knows of one follower, from its fetches.</summary>
/// <param name="brokerId">The broker that holds the replica.</param>
internal sealed class ReplicaProgress(int brokerId)
{
    private long _markEndOffset = long.MaxValue;
    private long _markMs;

    public int BrokerId { get; } = brokerId;

    /// <summary>Broker epoch of its latest fetch, or -1 before the first.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>Its log end offset, or -1 when it is not known.</summary>
    public long LogEndOffset { get; private set; } = -1;

    /// <summary>How far its log counts as stored under its flush policy, or -1.</summary>
    public long StoredEndOffset { get; private set; } = -1;

    /// <summary>First offset that it has, or -1 when it is not known.</summary>
    public long LogStartOffset { get; set; } = -1;

    /// <summary>When it last had all that the leader had; null before any time was seen.</summary>
    public long? CaughtUpMs { get; set; }

    /// <summary>In the ISR that the controller persisted.</summary>
    public bool IsInIsr { get; set; }

    /// <summary>In the ISR or the ELR: it may be elected, and is taken to have what was committed.</summary>
    public bool IsTrusted { get; set; }

    /// <summary>Trusted, it said that it has lost records (D15), and must not be elected.</summary>
    public bool HasLost { get; set; }

    /// <summary>Asked to be added; it counts for the high watermark until the answer is known.</summary>
    public bool IsJoining { get; set; }

    /// <summary>What counts for the high watermark.</summary>
    public long PositionUnder(bool countsOnlyDurable) => countsOnlyDurable ? StoredEndOffset : LogEndOffset;

    /// <summary>Only the stored end became known, by another way than a fetch.</summary>
    public void Stored(long endOffset)
    {
        StoredEndOffset = Math.Max(StoredEndOffset, endOffset);
        LogEndOffset = Math.Max(LogEndOffset, endOffset);
    }

    /// <summary>
    /// It caught up now when it asks from the leader's end, and at its previous fetch when it has all that the leader had then. Under
    /// the ack policy that mark stays until it is durable, because an fsync may take longer than a fetch.
    /// </summary>
    public void Fetched(long brokerEpoch, long logEndOffset, long storedEndOffset, long leaderEndOffset, bool countsOnlyDurable, long nowMs)
    {
        BrokerEpoch = brokerEpoch;
        LogEndOffset = logEndOffset;
        StoredEndOffset = Math.Min(storedEndOffset, logEndOffset);
        var position = PositionUnder(countsOnlyDurable);
        var reachedMark = position >= _markEndOffset;
        if (position >= leaderEndOffset)
            CaughtUpMs = Math.Max(CaughtUpMs ?? long.MinValue, nowMs);
        else if (reachedMark)
            CaughtUpMs = Math.Max(CaughtUpMs ?? long.MinValue, _markMs);

        if (countsOnlyDurable && !reachedMark && _markEndOffset != long.MaxValue && position < leaderEndOffset)
            return;

        _markEndOffset = leaderEndOffset;
        _markMs = nowMs;
    }

    /// <summary>True when it has everything, or had it within the lag time.</summary>
    public bool IsCaughtUp(long leaderEndOffset, bool countsOnlyDurable, long nowMs, long lagTimeMaxMs) =>
        PositionUnder(countsOnlyDurable) >= leaderEndOffset || (CaughtUpMs is { } caughtUp && nowMs - caughtUp <= lagTimeMaxMs);
}

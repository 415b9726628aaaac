using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Replication;

/// <summary>One partition of a follower's fetches: where the follower is, and what it was told. The session's, but for <see cref="Notify"/>.</summary>
internal sealed class ReplicaWatch(ReplicaFetchSession session)
{
    private int _isQueued;
    private int _warmth;

    public ReplicaFetchSession Session { get; } = session;

    public ReplicaPosition Position { get; set; }

    /// <summary>The open partition that tells of what is new, or null.</summary>
    public Partition? Partition { get; set; }

    /// <summary>Whether the leader has taken note of <see cref="Position"/>; under the partition's lock.</summary>
    public bool IsCounted { get; set; }

    /// <summary>It was told something after which it says where it is; until then there is nothing to tell.</summary>
    public bool AwaitsMove { get; set; }

    /// <summary>The high watermark that it was told last, or -1.</summary>
    public long ToldHighWatermark { get; set; } = -1;

    /// <summary>The log start that it was told last, or -1.</summary>
    public long ToldLogStart { get; set; } = -1;

    /// <summary>It has news of what is committed alone, which waits for other news to go with.</summary>
    public bool IsHeld { get; set; }

    /// <summary>There may be something to tell; from any thread, also under a partition's lock.</summary>
    public void Notify()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            Session.Enqueue(this);
    }

    /// <summary>It was taken from the queue; what comes from now on puts it in again.</summary>
    public void Taken() => Interlocked.Exchange(ref _isQueued, 0);

    /// <summary>What it is to get is not in memory: true for who has to see to it that it is read, false while somebody is at it.</summary>
    public bool TryWarm() => Interlocked.CompareExchange(ref _warmth, 1, 0) == 0;

    /// <summary>What it is to get was read into memory, or cannot be; from any thread.</summary>
    public void Warmed()
    {
        Volatile.Write(ref _warmth, 2);
        Notify();
    }

    /// <summary>Whether it was read into memory since the last time: what is not there now after all is waited for, or it would never come.</summary>
    public bool TakeWarmth() => Interlocked.CompareExchange(ref _warmth, 0, 2) == 2;

    /// <summary>True when an answer says what the follower does not know.</summary>
    public bool IsNews(in ReplicaAnswer answer) => !IsOnlyCommitted(answer) || answer.HighWatermark > ToldHighWatermark;

    /// <summary>True when an answer says at most what is committed.</summary>
    public bool IsOnlyCommitted(in ReplicaAnswer answer) =>
        answer.Error == ErrorCode.None && answer.Diverging is null && answer.Records.IsEmpty && answer.LogStartOffset <= ToldLogStart;

    /// <summary>Notes what was told.</summary>
    public void Told(in ReplicaAnswer answer)
    {
        ToldHighWatermark = answer.HighWatermark;
        ToldLogStart = answer.LogStartOffset;
        AwaitsMove = answer.Error != ErrorCode.None || answer.Diverging is not null || !answer.Records.IsEmpty;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace OrleansLog.Grains.Replication;

/// <summary>
/// The partitions of which a follower lacks only what is committed: that waits a little for other news to go with, as each batch would cost a
/// second answer otherwise.
/// </summary>
internal sealed class HeldNews
{
    /// <summary>How long it waits at most, in milliseconds.</summary>
    public const int HoldMsMax = 5;

    private readonly Queue<ReplicaWatch> _watches = [];

    /// <summary>When the first of it has to go, on the monotonic clock; <see cref="long.MaxValue"/> where there is none.</summary>
    public long DueAtMs { get; private set; } = long.MaxValue;

    /// <summary>Takes note of a partition with such news.</summary>
    public void Add(ReplicaWatch watch, long nowMs)
    {
        if (watch.IsHeld)
            return;

        watch.IsHeld = true;
        _watches.Enqueue(watch);
        if (_watches.Count == 1)
            DueAtMs = nowMs + HoldMsMax;
    }

    /// <summary>The next partition to tell; false when there is no more.</summary>
    public bool TryTake([NotNullWhen(true)] out ReplicaWatch? watch)
    {
        if (!_watches.TryDequeue(out watch))
        {
            DueAtMs = long.MaxValue;
            return false;
        }

        watch.IsHeld = false;
        return true;
    }
}

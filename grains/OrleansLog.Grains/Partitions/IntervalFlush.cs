using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Partitions;

/// <summary>Asks for a flush once <c>flush.ms</c> has passed since the first batch that is not on disk.</summary>
internal sealed class IntervalFlush(Partition partition) : TimerEntry
{
    private int _isArmed;

    /// <summary>Starts the time unless it runs already.</summary>
    public void Arm(TimerWheel wheel, long flushMs)
    {
        if (Interlocked.Exchange(ref _isArmed, 1) == 0)
            wheel.Schedule(this, flushMs);
    }

    protected internal override void OnTimer(int generation)
    {
        Interlocked.Exchange(ref _isArmed, 0);
        partition.Directory.Flusher.Request(partition);
    }
}

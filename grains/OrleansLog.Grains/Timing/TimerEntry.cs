namespace OrleansLog.Grains.Timing;

/// <summary>Something that a <see cref="TimerWheel"/> calls when its time has come. The entry is its own list node, so scheduling allocates nothing.</summary>
internal abstract class TimerEntry
{
    internal TimerEntry? Next;
    internal TimerEntry? Previous;
    internal long DeadlineTick;
    private int _generation;

    /// <summary>Changes whenever the entry is scheduled or cancelled, so that a call that is already under way can be told from a current one.</summary>
    public int Generation => Volatile.Read(ref _generation);

    internal bool IsScheduled => Next is not null;

    internal void NextGeneration() => Interlocked.Increment(ref _generation);

    /// <summary>The time has come; runs on the wheel's callback, not under its lock. Quick; what it throws is logged and ends nothing else.</summary>
    /// <param name="generation">Differs from <see cref="Generation"/> when the entry was cancelled or used anew meanwhile.</param>
    protected internal abstract void OnTimer(int generation);
}

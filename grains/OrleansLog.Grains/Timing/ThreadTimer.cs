namespace OrleansLog.Grains.Timing;

/// <summary>A timer with a thread of its own, which sleeps until it is due. The runtime's timers call back on the thread pool, which others may have blocked.</summary>
/// <param name="name">The thread's name.</param>
/// <param name="callback">What to call; never again before it has come back.</param>
internal sealed class ThreadTimer(string name, Action callback) : ITimer
{
    private const long Never = long.MaxValue;

    private readonly object _gate = new();
    private long _dueAtMs = Never;
    private bool _hasThread;
    private bool _isDisposed;

    /// <summary>Sets the one time when it is due.</summary>
    /// <param name="dueTime">From now on; infinite for never.</param>
    /// <param name="period">Infinite: it calls once.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is a period.</exception>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(period, Timeout.InfiniteTimeSpan);
        var dueAtMs = dueTime < TimeSpan.Zero ? Never : Environment.TickCount64 + (long)Math.Ceiling(Math.Min(dueTime.TotalMilliseconds, int.MaxValue));
        lock (_gate)
        {
            if (_isDisposed)
                return false;

            var isSooner = dueAtMs < _dueAtMs;
            _dueAtMs = dueAtMs;
            if (!isSooner)
                return true;

            if (_hasThread)
            {
                Monitor.Pulse(_gate);
                return true;
            }

            _hasThread = true;
        }

        new Thread(Run) { IsBackground = true, Name = name }.Start();
        return true;
    }

    /// <summary>Calls no more; a call that is under way goes on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        while (WaitUntilDue())
            callback();
    }

    /// <summary>False when it was disposed of.</summary>
    private bool WaitUntilDue()
    {
        lock (_gate)
        {
            while (!_isDisposed)
            {
                var leftMs = _dueAtMs - Environment.TickCount64;
                if (leftMs <= 0)
                {
                    _dueAtMs = Never;
                    return true;
                }

                Monitor.Wait(_gate, _dueAtMs == Never ? Timeout.Infinite : (int)leftMs);
            }

            return false;
        }
    }
}

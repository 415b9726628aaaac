using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Replication;

/// <summary>The wait of a follower's fetch for news, without a thread. One waits at a time; it is woken from any thread.</summary>
internal sealed class SessionWait(TimerWheel wheel)
{
    private FetchWaiter? _waiter;
    private volatile bool _isInterrupted;

    /// <summary>There may be news.</summary>
    public void Wake() => Volatile.Read(ref _waiter)?.Wake();

    /// <summary>Ends the wait, or the next one: the follower has more to say.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        Wake();
    }

    /// <summary>Completes when it is woken or the time is up; false when it was interrupted, so that there is no point in looking again.</summary>
    /// <param name="isNeedless">Whether there is something already; asked once a wake-up cannot be missed.</param>
    /// <param name="waitMs">How long to wait, in milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<bool> WaitAsync(Func<bool> isNeedless, long waitMs, CancellationToken cancellationToken)
    {
        var waiter = new FetchWaiter(minBytes: 1, bytes: 0);
        Interlocked.Exchange(ref _waiter, waiter);
        try
        {
            if (!_isInterrupted && !isNeedless())
            {
                wheel.Schedule(waiter, waitMs);
                await using var registration = cancellationToken.UnsafeRegister(static one => ((FetchWaiter)one!).Wake(), waiter);
                await waiter.Task.ConfigureAwait(false);
                wheel.Cancel(waiter);
            }

            return !_isInterrupted;
        }
        finally
        {
            Volatile.Write(ref _waiter, null);
            _isInterrupted = false;
        }
    }
}

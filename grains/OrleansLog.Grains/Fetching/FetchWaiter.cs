using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Fetching;

/// <summary>A fetch that waits for bytes: no thread and no grain turn, only an entry on its partitions' lists and on the timer wheel.</summary>
internal sealed class FetchWaiter : TimerEntry
{
    private readonly long _minBytes;
    private readonly ReturningWait _wait = new();
    private long _bytes;
    private int _isWoken;

    /// <param name="minBytes">Bytes worth waking for.</param>
    /// <param name="bytes">Bytes that are there already.</param>
    public FetchWaiter(long minBytes, long bytes)
    {
        _minBytes = minBytes;
        _bytes = bytes;
    }

    /// <summary>Completes when there is enough, when a partition changed, or when the time is up.</summary>
    public ValueTask Task => _wait.Task;

    /// <summary>More bytes came; true when the waiter needs no more calls.</summary>
    public bool Offer(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) < _minBytes)
            return false;

        Wake();
        return true;
    }

    /// <summary>Ends the wait.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
            _wait.End();
    }

    protected internal override void OnTimer(int generation) => Wake();
}

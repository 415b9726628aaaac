namespace OrleansLog.Client;

/// <summary>One timer for all partitions of a producer: it sleeps until the next linger or deadline of any of them.</summary>
internal sealed class SendTimers : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private List<PartitionSender> _active = [];
    private List<PartitionSender> _visited = [];
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    public SendTimers(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static timers => ((SendTimers)timers!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(PartitionSender sender)
    {
        lock (_gate)
            _active.Add(sender);
    }

    public void WakeBy(long due)
    {
        lock (_gate)
        {
            if (due >= _armedFor || _disposed)
                return;
            _armedFor = due;
            var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
            // Timers are rounded down to milliseconds; a millisecond more, and it is never woken too early.
            _timer.Change((wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Tick()
    {
        List<PartitionSender> senders;
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            (senders, _active, _visited) = (_active, _visited, []);
        }

        var next = long.MaxValue;
        var now = _time.GetTimestamp();
        foreach (var sender in senders)
        {
            if (sender.OnTimer(now) is { } due)
            {
                next = Math.Min(next, due);
                Add(sender);
            }
        }

        senders.Clear();
        lock (_gate)
            _visited = senders;
        if (next != long.MaxValue)
            WakeBy(next);
    }
}

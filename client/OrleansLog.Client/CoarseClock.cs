namespace OrleansLog.Client;

/// <summary>Wall clock in milliseconds, for timestamps of records: reads the system's clock once a millisecond, not once a record.</summary>
internal sealed class CoarseClock(TimeProvider time)
{
    private readonly bool _isSystem = ReferenceEquals(time, TimeProvider.System);
    private long _tick = long.MinValue;
    private long _offset;

    public long NowMs()
    {
        if (!_isSystem)
            return time.GetUtcNow().ToUnixTimeMilliseconds();
        var tick = Environment.TickCount64;
        if (tick != Volatile.Read(ref _tick))
        {
            Volatile.Write(ref _offset, time.GetUtcNow().ToUnixTimeMilliseconds() - tick);
            Volatile.Write(ref _tick, tick);
        }

        return tick + Volatile.Read(ref _offset);
    }
}

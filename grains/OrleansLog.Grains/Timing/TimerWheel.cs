namespace OrleansLog.Grains.Timing;

/// <summary>
/// All timeouts of one broker: a hashed wheel over one timer, armed only while something is scheduled. Scheduling and cancelling
/// cost a few instructions, as nearly every timeout is cancelled before it is due.
/// </summary>
internal sealed class TimerWheel : IDisposable
{
    private const int SlotCount = 512;
    private const long TickMs = 10;
    private const long NotArmed = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly TimerEntry[] _slots = new TimerEntry[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / 64];
    private readonly List<(TimerEntry Entry, int Generation)> _due = [];
    private readonly TimeProvider _time;
    private readonly Action<Exception> _failed;
    private readonly ITimer _timer;
    private readonly long _origin;
    private long _lastTick;
    private long _armedTick = NotArmed;
    private bool _isDisposed;

    /// <param name="time">The clock.</param>
    /// <param name="failed">Told when an entry throws, which ends nothing but its own call.</param>
    public TimerWheel(TimeProvider time, Action<Exception> failed)
    {
        _time = time;
        _failed = failed;
        _origin = time.GetTimestamp();
        for (var i = 0; i < SlotCount; i++)
        {
            _slots[i] = new Sentinel();
            _slots[i].Next = _slots[i].Previous = _slots[i];
        }

        _timer = time == TimeProvider.System
            ? new ThreadTimer("olog-timer", Advance)
            : time.CreateTimer(static wheel => ((TimerWheel)wheel!).Advance(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many entries wait.</summary>
    public int Count { get; private set; }

    /// <summary>Calls an entry after a delay, in steps of 10 ms and never early; an entry that waits already is moved. Any delay will do.</summary>
    public void Schedule(TimerEntry entry, long delayMs)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;

            Unlink(entry);
            entry.NextGeneration();
            entry.DeadlineTick = NowTick() + 1 + TicksOf(Math.Max(0, delayMs));
            Link(entry);
            if (entry.DeadlineTick < _armedTick)
                Arm(entry.DeadlineTick);
        }
    }

    /// <summary>Takes an entry out; a call to it that is already under way carries an older generation.</summary>
    public void Cancel(TimerEntry entry)
    {
        lock (_gate)
        {
            Unlink(entry);
            entry.NextGeneration();
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;

        _timer.Dispose();
    }

    private void Advance()
    {
        // The timer does not overlap itself in practice, but nothing promises it: the list is taken under the lock.
        (TimerEntry Entry, int Generation)[] due;
        lock (_gate)
        {
            if (_isDisposed)
                return;

            CollectDue(NowTick());
            due = [.. _due];
            _due.Clear();
            Rearm();
        }

        foreach (var (entry, generation) in due)
        {
            try
            {
                entry.OnTimer(generation);
            }
            catch (Exception e)
            {
                // Above this there is only the runtime, which would end the process; and the others are due, too.
                _failed(e);
            }
        }
    }

    private void CollectDue(long nowTick)
    {
        var firstTick = Math.Max(_lastTick, nowTick - SlotCount + 1);
        for (var tick = firstTick; tick <= nowTick; tick++)
        {
            var head = _slots[tick % SlotCount];
            for (var entry = head.Next!; entry != head;)
            {
                var next = entry.Next!;
                if (entry.DeadlineTick <= nowTick)
                {
                    Unlink(entry);
                    _due.Add((entry, entry.Generation));
                }

                entry = next;
            }
        }

        _lastTick = nowTick;
    }

    private void Rearm()
    {
        _armedTick = NotArmed;
        if (Count == 0)
            return;

        // The next occupied slot; what lies there may be due a round later, then the wheel just looks once more.
        for (var tick = _lastTick + 1; tick <= _lastTick + SlotCount; tick++)
        {
            var slot = tick % SlotCount;
            if (_occupied[slot / 64] >> (int)(slot % 64) == 0)
                tick += 63 - (slot % 64);
            else if ((_occupied[slot / 64] & (1UL << (int)(slot % 64))) != 0)
            {
                Arm(tick);
                return;
            }
        }
    }

    private void Arm(long tick)
    {
        // At most a round ahead, when the next slot is looked for again: a timer takes no delay of years, and no sum of them overflows.
        _armedTick = Math.Min(tick, NowTick() + SlotCount);
        var dueMs = (_armedTick * TickMs) - (long)_time.GetElapsedTime(_origin).TotalMilliseconds;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, dueMs)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rounded up. Topics may set delays up to <see cref="long.MaxValue"/>, so nothing is added to one.</summary>
    private static long TicksOf(long delayMs) => (delayMs / TickMs) + (delayMs % TickMs == 0 ? 0 : 1);

    private long NowTick() => (long)_time.GetElapsedTime(_origin).TotalMilliseconds / TickMs;

    private void Link(TimerEntry entry)
    {
        var slot = entry.DeadlineTick % SlotCount;
        var head = _slots[slot];
        entry.Previous = head.Previous;
        entry.Next = head;
        head.Previous!.Next = entry;
        head.Previous = entry;
        _occupied[slot / 64] |= 1UL << (int)(slot % 64);
        Count++;
    }

    private void Unlink(TimerEntry entry)
    {
        if (!entry.IsScheduled)
            return;

        entry.Previous!.Next = entry.Next;
        entry.Next!.Previous = entry.Previous;
        entry.Next = entry.Previous = null;
        Count--;
        var slot = entry.DeadlineTick % SlotCount;
        if (_slots[slot].Next == _slots[slot])
            _occupied[slot / 64] &= ~(1UL << (int)(slot % 64));
    }

    private sealed class Sentinel : TimerEntry
    {
        protected internal override void OnTimer(int generation)
        {
        }
    }
}

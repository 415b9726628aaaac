using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>The system's time, of which a paused broker notices nothing: its clocks go on, and what its timers have to do waits until it is resumed.</summary>
internal sealed class PausableTime(TrafficGate gate) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new PausableTimer(gate, callback, state, dueTime, period);

    private sealed class PausableTimer : ITimer
    {
        private readonly TrafficGate _gate;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private int _isHeld;
        private volatile bool _isDisposed;

        public PausableTimer(TrafficGate gate, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_gate, _callback, _state) = (gate, callback, state);
            _timer = System.CreateTimer(static timer => ((PausableTimer)timer!).Fire(), this, dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            _isDisposed = true;
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _isDisposed = true;
            return _timer.DisposeAsync();
        }

        private void Fire()
        {
            if (!_gate.IsClosed)
                _callback(_state);
            else if (Interlocked.Exchange(ref _isHeld, 1) == 0)
                _ = FireLaterAsync();
        }

        /// <summary>Once for all the times that it was due, as after SIGCONT; also for a broker that ends paused, which has to be able to end.</summary>
        private async Task FireLaterAsync()
        {
            await _gate.PassAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Volatile.Write(ref _isHeld, 0);
            if (!_isDisposed)
                _callback(_state);
        }
    }
}

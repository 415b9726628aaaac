using Microsoft.Extensions.Logging;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>
/// Measures each second how long work waits for a thread of the pool, and says so when that is more than a second. The pool belongs to
/// the whole process: calls of an app that block its threads hold up requests, heartbeats and grains, and it adds threads slowly.
/// </summary>
/// <remarks>The thread that looks is its own. A timer would not do: its callback waits for the pool, too.</remarks>
internal sealed class ThreadPoolWatch : IThreadPoolWorkItem, IDisposable
{
    /// <summary>From one look to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that nobody needs to hear of.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(1);

    /// <summary>From one warning to the next, even if the pool has recovered between.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    /// <summary>Without a look for so long, the whole process was suspended; what waited meanwhile says nothing about the pool.</summary>
    private static readonly TimeSpan StoodStill = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly IWorkPool _pool;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _measured;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _stopping = new();
    private Thread? _thread;
    private long _lookedAt;
    private long _queuedAt;
    private long? _warnedAt;
    private bool _isWaiting;
    private bool _hasRecovered = true;

    /// <summary>Makes a watch that does not look yet.</summary>
    /// <param name="pool">What is watched.</param>
    /// <param name="time">The clock.</param>
    /// <param name="measured">Takes each wait that has ended.</param>
    /// <param name="logger">Where the warning goes.</param>
    public ThreadPoolWatch(IWorkPool pool, TimeProvider time, Action<TimeSpan> measured, ILogger logger)
    {
        _pool = pool;
        _time = time;
        _measured = measured;
        _logger = logger;
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Looks from now on, the first time at once.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "olog-pool-watch" };
        _thread.Start();
    }

    /// <summary>One look: puts a work item into the pool, unless one waits there already; then it looks how long.</summary>
    public void Look()
    {
        var tellWaited = TimeSpan.Zero;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var stoodStill = _time.GetElapsedTime(_lookedAt, now) > StoodStill;
            _lookedAt = now;
            if (!_isWaiting)
            {
                (_isWaiting, _queuedAt) = (true, now);
                _pool.Queue(this);
            }
            else if (stoodStill)
                _queuedAt = now;
            else
                tellWaited = WhatToTell(now);
        }

        Tell(tellWaited);
    }

    /// <summary>A thread of the pool has come to the work item.</summary>
    public void Execute()
    {
        TimeSpan tellWaited;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _isWaiting = false;
            if (_time.GetElapsedTime(_lookedAt, now) > StoodStill)
                return;

            _measured(_time.GetElapsedTime(_queuedAt, now));
            tellWaited = WhatToTell(now);
        }

        Tell(tellWaited);
    }

    /// <summary>Ends the thread. A work item that still waits in the pool does no harm.</summary>
    public void Dispose()
    {
        _stopping.Set();
        _thread?.Join();
        _stopping.Dispose();
    }

    private void Run()
    {
        do
            Look();
        while (!_stopping.Wait(Interval));
    }

    /// <summary>How long work has waited, or zero where that need not be said (again).</summary>
    private TimeSpan WhatToTell(long now)
    {
        var waited = _time.GetElapsedTime(_queuedAt, now);
        if (waited <= Tolerated)
        {
            _hasRecovered |= !_isWaiting;
            return TimeSpan.Zero;
        }

        if (!_hasRecovered || (_warnedAt is { } last && _time.GetElapsedTime(last, now) < Quiet))
            return TimeSpan.Zero;

        (_hasRecovered, _warnedAt) = (false, now);
        return waited;
    }

    private void Tell(TimeSpan waited)
    {
        if (waited == TimeSpan.Zero)
            return;

        _logger.ThreadPoolStarves((long)waited.TotalMilliseconds, _pool.Threads, _pool.Waiting);
    }
}

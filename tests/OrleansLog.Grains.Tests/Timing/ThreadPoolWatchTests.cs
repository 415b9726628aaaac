using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Tests.Timing;

public sealed class ThreadPoolWatchTests : IDisposable
{
    private static readonly TimeSpan Late = ThreadPoolWatch.Tolerated + TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Hangs = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly HeldPool _pool = new();
    private readonly Lines _lines = new();
    private readonly List<TimeSpan> _measured = [];
    private readonly ThreadPoolWatch _watch;

    public ThreadPoolWatchTests() => _watch = new ThreadPoolWatch(_pool, _time, _measured.Add, _lines);

    [Fact]
    public void Nothing_is_said_while_work_is_taken_within_a_second()
    {
        for (var second = 0; second < 600; second++)
        {
            _watch.Look();
            Pass(ThreadPoolWatch.Tolerated);
            _pool.RunAll();
        }

        Assert.Empty(_lines.All);
    }

    [Fact]
    public void Work_that_waits_is_told_while_it_waits_and_only_once()
    {
        _watch.Look();
        PassSeconds(60);

        Assert.Equal(
            "Work of this broker has waited 2000 ms for a thread of .NET's thread pool (7 threads, 123 work items wait): its clients wait as long. "
            + "Calls that block need threads of their own, or the pool a larger minimum: docs/operate/thread-pool.md",
            Assert.Single(_lines.All));
        Assert.Equal(1, _pool.Queued);
    }

    [Fact]
    public void A_wait_between_two_looks_is_told_when_it_ends()
    {
        _watch.Look();
        Pass(Late);
        _pool.RunAll();

        Assert.Contains("1500 ms", Assert.Single(_lines.All), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_told_again_after_the_pool_has_recovered_and_minutes_have_passed()
    {
        Starve();
        Recover(seconds: 10);
        Starve();
        Assert.Single(_lines.All);

        Recover(seconds: (int)ThreadPoolWatch.Quiet.TotalSeconds);
        Starve();
        Assert.Equal(2, _lines.All.Count);
    }

    [Fact]
    public void It_is_not_told_again_while_the_pool_has_not_recovered()
    {
        Starve();
        PassSeconds((int)ThreadPoolWatch.Quiet.TotalSeconds);
        Starve();

        Assert.Single(_lines.All);
    }

    [Fact]
    public void A_process_that_was_suspended_says_nothing()
    {
        // It wakes up, and either the pool or the watch's own thread comes first.
        _watch.Look();
        Pass(TimeSpan.FromHours(1));
        _pool.RunAll();
        _watch.Look();
        Pass(TimeSpan.FromHours(1));
        _watch.Look();
        _pool.RunAll();

        Assert.Empty(_lines.All);
    }

    [Fact]
    public void The_time_of_each_wait_is_measured()
    {
        _watch.Look();
        Pass(TimeSpan.FromMilliseconds(250));
        _pool.RunAll();
        _watch.Look();
        _pool.RunAll();

        Assert.Equal([TimeSpan.FromMilliseconds(250), TimeSpan.Zero], _measured);
    }

    [Fact]
    public async Task It_looks_on_a_thread_of_its_own_that_ends_with_it()
    {
        using var watch = new ThreadPoolWatch(_pool, TimeProvider.System, static _ => { }, _lines);

        watch.Start();
        var thread = await _pool.FirstQueuedBy.Task.WaitAsync(Hangs);

        Assert.False(thread.IsThreadPoolThread);
        watch.Dispose();
        Assert.False(thread.IsAlive);
    }

    public void Dispose() => _watch.Dispose();

    private void Starve()
    {
        _watch.Look();
        Pass(Late);
        _pool.RunAll();
    }

    private void Recover(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _watch.Look();
            _pool.RunAll();
            Pass(ThreadPoolWatch.Interval);
        }
    }

    private void PassSeconds(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            Pass(ThreadPoolWatch.Interval);
            _watch.Look();
        }
    }

    private void Pass(TimeSpan time) => _time.Advance(time);

    /// <summary>A pool whose threads take work when the test says so.</summary>
    private sealed class HeldPool : IWorkPool
    {
        private readonly Queue<IThreadPoolWorkItem> _items = new();

        public int Threads => 7;

        public long Waiting => 123;

        public int Queued => _items.Count;

        public TaskCompletionSource<Thread> FirstQueuedBy { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Queue(IThreadPoolWorkItem item)
        {
            _items.Enqueue(item);
            FirstQueuedBy.TrySetResult(Thread.CurrentThread);
        }

        public void RunAll()
        {
            while (_items.TryDequeue(out var item))
                item.Execute();
        }
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}

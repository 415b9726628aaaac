using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class AppenderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TimerWheel _wheel = new(TimeProvider.System, static _ => { });
    private readonly Appender _appender;

    public AppenderTests() => _appender = new Appender(7, new AppendAdmission(1 << 20, 16, _wheel));

    public void Dispose()
    {
        _appender.Dispose();
        _wheel.Dispose();
    }

    [Fact]
    public async Task What_awaits_briefly_goes_on_at_the_appender_a_few_at_a_time_and_all_else_elsewhere()
    {
        const int Most = 16;
        using var mayGoOn = new ManualResetEventSlim();
        var held = await HoldAsync(mayGoOn);
        var brief = Enumerable.Range(0, Most + 4).Select(i => ThreadOf(_appender.CallAsync(() => i, isAwaitedBriefly: true))).ToArray();
        var failing = ThreadOf(_appender.CallAsync<int>(static () => throw new InvalidOperationException("a fault of its own"), isAwaitedBriefly: true));
        var usual = ThreadOf(_appender.CallAsync(static () => 0));
        mayGoOn.Set();

        Assert.True(await held.WaitAsync(Patience));
        var names = await Task.WhenAll(brief).WaitAsync(Patience);
        Assert.Equal(Enumerable.Repeat("olog-append-7", Most), names[..Most]);
        Assert.DoesNotContain("olog-append-7", names[Most..]);
        Assert.NotEqual("olog-append-7", await failing.WaitAsync(Patience));
        Assert.NotEqual("olog-append-7", await usual.WaitAsync(Patience));

        // The next round has its own.
        mayGoOn.Reset();
        held = await HoldAsync(mayGoOn);
        var next = ThreadOf(_appender.CallAsync(static () => 0, isAwaitedBriefly: true));
        mayGoOn.Set();
        Assert.Equal("olog-append-7", await next.WaitAsync(Patience));
        Assert.True(await held.WaitAsync(Patience));
    }

    [Fact]
    public async Task What_is_queued_when_it_stops_is_done_and_what_comes_later_is_refused()
    {
        using var mayGoOn = new ManualResetEventSlim();
        var held = await HoldAsync(mayGoOn);
        var queued = _appender.CallAsync(static () => 5);
        var stopping = TestKit.OwnThread.RunAsync(_appender.Dispose);
        mayGoOn.Set();

        await stopping.WaitAsync(Patience);
        Assert.True(await held.WaitAsync(Patience));
        Assert.Equal(5, await queued.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _appender.CallAsync(static () => 0));
    }

    /// <summary>Has the appender stand still: what is queued from then on is a round of its own.</summary>
    private async Task<Task<bool>> HoldAsync(ManualResetEventSlim mayGoOn)
    {
        var stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = _appender.CallAsync(() =>
        {
            stands.SetResult();
            return mayGoOn.Wait(Patience);
        });
        await stands.Task.WaitAsync(Patience);
        return held;
    }

    // Where it can, what runs synchronously goes on at the thread that completes the call.
    private static Task<string?> ThreadOf(Task<int> call) => call.ContinueWith(
        static _ => Thread.CurrentThread.Name, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}

using OrleansLog.Grains.Timing;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Timing;

public class ThreadSignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_raised_before_ends_the_next_wait_once(bool isPortable)
    {
        var signal = new ThreadSignal(isPortable);
        signal.Raise();
        signal.Raise();
        await OwnThread.RunAsync(signal.Wait).WaitAsync(Patience);

        var second = OwnThread.RunAsync(signal.Wait);
        Assert.False(second.IsCompleted);
        signal.Raise();
        await second.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_threads_that_wake_each_other_in_turn_never_both_sleep(bool isPortable)
    {
        const int Rounds = 20_000;
        ThreadSignal there = new(isPortable), back = new(isPortable);
        var met = 0;
        var other = OwnThread.RunAsync(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                there.Wait();
                met++;
                back.Raise();
            }
        });
        await OwnThread.RunAsync(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                there.Raise();
                back.Wait();
                Assert.Equal(i + 1, met);
            }
        }).WaitAsync(Patience);
        await other.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_raises_from_many_threads_none_is_lost(bool isPortable)
    {
        const int Threads = 4, Each = 10_000;
        var signal = new ThreadSignal(isPortable);
        var raised = 0;
        var waiting = OwnThread.RunAsync(() =>
        {
            while (Volatile.Read(ref raised) < Threads * Each)
                signal.Wait();
        });
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => OwnThread.RunAsync(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                Interlocked.Increment(ref raised);
                signal.Raise();
            }
        }))).WaitAsync(Patience);
        await waiting.WaitAsync(Patience);
    }
}

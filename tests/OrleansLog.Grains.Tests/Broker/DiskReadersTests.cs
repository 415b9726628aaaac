using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.Grains.Reading;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class DiskReadersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task There_are_as_many_threads_as_may_be_and_what_is_above_waits()
    {
        using var readers = new DiskReaders(static () => 2, NullLogger.Instance);
        using var free = new ManualResetEventSlim();
        using var entered = new SemaphoreSlim(0);
        var threads = new ConcurrentDictionary<string, bool>();
        var reads = Enumerable.Range(0, 6).Select(i => new DiskRead<int>(() =>
        {
            threads.TryAdd(Thread.CurrentThread.Name!, true);
            entered.Release();
            free.Wait();
            return i;
        }).RunAsync(readers).AsTask()).ToArray();

        Assert.True(await entered.WaitAsync(Patience) && await entered.WaitAsync(Patience));
        Assert.Equal(0, entered.CurrentCount);
        free.Set();

        var results = await Task.WhenAll(reads);
        Assert.Equal(Enumerable.Range(0, 6), results);
        Assert.Equal(["olog-read-0", "olog-read-1"], threads.Keys.Order());
    }

    [Fact]
    public async Task What_a_read_throws_is_thrown_to_who_asked_and_the_thread_goes_on()
    {
        using var readers = new DiskReaders(static () => 1, NullLogger.Instance);
        var failing = new DiskRead<int>(static () => throw new InvalidOperationException("no")).RunAsync(readers).AsTask();
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(1, await new DiskRead<int>(static () => 1).RunAsync(readers));
    }

    [Fact]
    public async Task Fewer_threads_are_left_when_fewer_may_be()
    {
        var most = 2;
        using var readers = new DiskReaders(() => Volatile.Read(ref most), NullLogger.Instance);
        using var both = new Barrier(2);
        var two = Enumerable.Range(0, 2).Select(_ => new DiskRead<bool>(() => both.SignalAndWait(Patience)).RunAsync(readers).AsTask());
        Assert.All(await Task.WhenAll(two), Assert.True);

        Volatile.Write(ref most, 1);
        var names = new ConcurrentDictionary<int, bool>();
        for (var i = 0; i < 50; i++)
            await new DiskRead<bool>(() => names.TryAdd(Environment.CurrentManagedThreadId, true)).RunAsync(readers);

        var last = names.Count;
        Assert.InRange(last, 1, 2);
        using var alone = new Barrier(2);
        using var entered = new SemaphoreSlim(0);
        var first = new DiskRead<bool>(() =>
        {
            entered.Release();
            return alone.SignalAndWait(Patience);
        }).RunAsync(readers).AsTask();
        Assert.True(await entered.WaitAsync(Patience));
        var second = new DiskRead<bool>(static () => true).RunAsync(readers).AsTask();
        Assert.False(second.IsCompleted);
        alone.SignalAndWait(Patience);
        Assert.True(await first && await second);
    }

    [Fact]
    public async Task After_the_end_a_read_is_made_by_who_asks()
    {
        var readers = new DiskReaders(static () => 1, NullLogger.Instance);
        readers.Dispose();
        var caller = Environment.CurrentManagedThreadId;
        var reading = new DiskRead<int>(static () => Environment.CurrentManagedThreadId).RunAsync(readers);
        Assert.Equal(caller, await reading);
    }
}

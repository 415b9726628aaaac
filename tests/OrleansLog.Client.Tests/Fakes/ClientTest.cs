using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>
/// What the tests of producer and consumer share: a fake cluster on a fake clock, and waits that have an end. Nothing runs beside
/// them, because the clock goes by what the whole process is doing.
/// </summary>
[Collection(nameof(Alone))]
public abstract class ClientTest : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = Eventually.Hang;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private readonly ConcurrentDictionary<Task, bool> _watched = new();

    protected ClientTest()
    {
        Cluster = new FakeCluster(Time);
        Log = LogClient.Create(Cluster, Cluster, Time);
    }

    private protected FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private protected FakeCluster Cluster { get; }

    private protected ILogClient Log { get; }

    private protected static TopicPartition T0 { get; } = new("t", 0);

    public async Task InitializeAsync()
    {
        await OwnThread.RunAsync(ThreadPoolRest.Prepare);
        Cluster.AddTopic("t");
    }

    public async Task DisposeAsync() => await Log.DisposeAsync();

    /// <summary>Work that others wait for: when it fails, so do they, at once.</summary>
    private protected void Watch(Task work) => _watched.TryAdd(work, true);

    /// <summary>Lets time pass, a little at a time, until the task is done.</summary>
    private protected async Task<T> PassTimeUntil<T>(Task<T> task)
    {
        await PassTimeUntil((Task)task);
        return await task;
    }

    private protected async Task PassTimeUntil(Task task)
    {
        if (!task.IsCompleted)
            await PassTimeUntil(() => task.IsCompleted);
        await task;
    }

    /// <summary>
    /// Lets time pass, a little at a time, until it is so. Time stands still while anybody has something to do: a time-out that runs
    /// out was waited for, whatever else the machine does meanwhile.
    /// </summary>
    private protected Task PassTimeUntil(Func<bool> condition) => OwnThread.RunAsync(() =>
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            Eventually.Wait(static () => ThreadPoolRest.IsReached);
            if (condition())
                return;
            ThrowIfWorkFailed();
            Assert.True(watch.Elapsed < Patience, "It never happened.");
            Time.Advance(Step);
        }
    });

    /// <summary>Waits without letting time pass.</summary>
    private protected Task Until(Func<bool> condition) => Eventually.UntilAsync(() =>
    {
        ThrowIfWorkFailed();
        return condition();
    });

    /// <summary>The next record.</summary>
    protected static async Task<ConsumeResult<TKey, TValue>> ReadOne<TKey, TValue>(
        ILogConsumer<TKey, TValue> consumer, CancellationToken cancellationToken = default)
    {
        await foreach (var record in consumer.ReadAllAsync(cancellationToken))
            return record;
        throw new InvalidOperationException("It ended.");
    }

    private void ThrowIfWorkFailed()
    {
        foreach (var work in _watched.Keys.Where(static work => work.IsFaulted))
        {
            _watched.TryRemove(work, out _);
            work.GetAwaiter().GetResult();
        }
    }
}

using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace OrleansLog.Client.Tests;

/// <summary>What the tests of producer and consumer share: a fake cluster on a fake clock, and waits that have an end.</summary>
public abstract class ClientTest : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected ClientTest()
    {
        Cluster = new FakeCluster(Time);
        Log = LogClient.Create(Cluster, Cluster, Time);
    }

    private protected FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private protected FakeCluster Cluster { get; }

    private protected ILogClient Log { get; }

    private protected static TopicPartition T0 { get; } = new("t", 0);

    public Task InitializeAsync()
    {
        Cluster.AddTopic("t");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Log.DisposeAsync();

    /// <summary>Lets time pass, a little at a time, until the task is done.</summary>
    private protected async Task<T> PassTimeUntil<T>(Task<T> task)
    {
        await PassTimeUntil((Task)task);
        return await task;
    }

    private protected async Task PassTimeUntil(Task task)
    {
        await PassTimeUntil(() => task.IsCompleted);
        await task;
    }

    private protected async Task PassTimeUntil(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        var passed = TimeSpan.Zero;
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "It never happened.");
            // Not so fast that work on a busy machine runs into its timeouts.
            if (passed < watch.Elapsed * 20)
            {
                Time.Advance(TimeSpan.FromMilliseconds(5));
                passed += TimeSpan.FromMilliseconds(5);
            }

            await Task.Yield();
        }
    }

    /// <summary>Waits without letting time pass.</summary>
    private protected static async Task Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "It never happened.");
            await Task.Yield();
        }
    }

    /// <summary>The next record.</summary>
    protected static async Task<ConsumeResult<TKey, TValue>> ReadOne<TKey, TValue>(
        ILogConsumer<TKey, TValue> consumer, CancellationToken cancellationToken = default)
    {
        await foreach (var record in consumer.ReadAllAsync(cancellationToken))
            return record;
        throw new InvalidOperationException("It ended.");
    }
}

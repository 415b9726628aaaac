using OrleansLog.Grains.Tests.Replication;
using OrleansLog.Grains.Timing;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>A thread that serves connections does not wait for the disk.</summary>
public sealed class ColdReadTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task What_is_not_in_memory_is_read_elsewhere_and_answered_where_it_was_asked_for()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a", "b");
        using var loop = new LoopThread();
        using var slow = new SlowReads(disk);

        var fetching = loop.RunAsync(async () =>
        {
            using var result = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 60_000)).ConfigureAwait(false);
            return (result.Values(), ServingThread.Current);
        });
        await slow.Reached;

        // The thread goes on meanwhile, and nobody but a reader waits.
        var latest = await loop.RunAsync(() => broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Latest)], IsolationLevel.ReadUncommitted));
        Assert.Equal(2, Assert.Single(latest).Offset);
        Assert.False(fetching.IsCompleted);
        slow.LetGo();
        var (values, thread) = await fetching;

        Assert.Equal(["a", "b"], values);
        Assert.Same(loop, thread);
        Assert.All(slow.Readers.Keys, static reader => Assert.StartsWith("olog-read-", reader));
        Assert.Equal(0, broker.Local.FetchMemory.UsedBytes);
    }

    [Fact]
    public async Task What_came_while_a_fetch_waited_is_read_elsewhere_if_it_is_gone_from_memory()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk, TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        using var loop = new LoopThread();
        using var slow = new SlowReads(disk);
        var fetching = loop.RunAsync(async () =>
        {
            using var result = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 60_000)).ConfigureAwait(false);
            return (result.Values(), ServingThread.Current);
        });
        await BrokerTrio.UntilAsync(() => broker.Local.FetchesWaiting == 1, "nothing waits");

        await broker.Local.StoredAsync(Orders, "a");
        await slow.Reached;
        slow.LetGo();

        var (values, thread) = await fetching;
        Assert.Equal(["a"], values);
        Assert.Same(loop, thread);
        Assert.All(slow.Readers.Keys, static reader => Assert.StartsWith("olog-read-", reader));
    }

    [Fact]
    public async Task An_offset_is_looked_up_by_its_time_elsewhere()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");
        using var loop = new LoopThread();
        using var slow = new SlowReads(disk);

        var finding = loop.RunAsync(() => broker.Local.ListOffsetsAsync([new(Orders, Batches.TimestampMs)], IsolationLevel.ReadUncommitted));
        await slow.Reached;
        var earliest = await loop.RunAsync(() => broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], IsolationLevel.ReadUncommitted));
        Assert.Equal(0, Assert.Single(earliest).Offset);
        slow.LetGo();

        Assert.Equal((ErrorCode.None, 0), (Assert.Single(await finding).Error, (await finding)[0].Offset));
        Assert.All(slow.Readers.Keys, static reader => Assert.StartsWith("olog-read-", reader));
    }

    [Fact]
    public async Task A_broker_that_stops_ends_what_is_being_read()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");
        using var loop = new LoopThread();
        using var slow = new SlowReads(disk);
        var local = broker.Local;
        var fetching = loop.RunAsync(() => local.FetchAsync(Batches.Fetch(Orders, 0)));
        await slow.Reached;

        var stopping = broker.DisposeAsync().AsTask();
        slow.LetGo();
        await stopping;
        using var result = await fetching;
        Assert.Contains(result.Partitions[0].Error, new[] { ErrorCode.None, ErrorCode.NotLeaderOrFollower, ErrorCode.KafkaStorageError });
    }
}

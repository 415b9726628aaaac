using OrleansLog.Log;
using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class StopTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task Requests_that_wait_get_a_retriable_error_when_the_broker_stops()
    {
        var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders", 1, [1, 2], [1, 2]);
        var produce = broker.Local.ProduceAsync(Orders, Batches.Of("a")).AsTask();
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 10_000)).AsTask();
        var local = broker.Local;

        await broker.DisposeAsync();

        var produced = await produce;
        Assert.True(produced.Error.IsRetriable());
        Assert.Equal(ProduceOutcome.Unknown, produced.Outcome);
        using var fetched = await fetch;
        Assert.True(fetched.Partitions[0].Error.IsRetriable());
        Assert.True((await local.ProduceAsync(Orders, Batches.Of("b"))).Error.IsRetriable());
    }

    [Fact]
    public async Task What_is_queued_at_a_stop_is_written_and_acknowledged()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log", "write");
        var produces = Enumerable.Range(0, 5).Select(i => broker.Local.ProduceAsync(Orders, Batches.Of($"{i}")).AsTask()).ToList();
        await gate.Reached;

        var stop = broker.Host.StopAsync();
        gate.Open();
        await stop;

        Assert.All(await Task.WhenAll(produces), result => Assert.Equal(ProduceOutcome.Stored, result.Outcome));
        await using var again = await TestBroker.StartAsync(disk, before: broker);
        Assert.Equal(5, (await again.Local.ReadAllAsync(Orders)).Count);
    }

    [Fact]
    public async Task A_stop_after_a_failed_disk_leaves_no_clean_marker()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        disk.Fault = (name, path) => name == "write" && path.EndsWith(".log", StringComparison.Ordinal) ? DiskErrorKind.Io : null;
        await broker.Local.ProduceAsync(Orders, Batches.Of("a"));
        disk.Fault = null;
        await broker.DisposeAsync();

        await using var again = await TestBroker.StartAsync(disk, before: broker);

        Assert.False(again.Host.Directories.All[0].WasCleanShutdown);
        Assert.Equal(0, await again.Local.StoredAsync(Orders, "b"));
    }

    [Fact]
    public async Task A_stop_does_not_leave_handles_open()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", partitions: 3);
        await broker.Local.StoredAsync(Orders, "a");

        await broker.DisposeAsync();

        Assert.Equal(0, disk.OpenFiles);
    }
}

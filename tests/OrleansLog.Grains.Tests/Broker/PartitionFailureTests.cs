using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>An error that no rule foresees, here thrown by the disk, takes the partition that it happened to, and nothing else.</summary>
public sealed class PartitionFailureTests
{
    private const int PartitionFailed = 2045;

    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly TopicPartition Bills = new("bills", 0);

    [Theory]
    [InlineData("write", "os")]
    [InlineData("sync", "ack")]
    public async Task An_unexpected_error_at_an_append_or_a_sync_takes_its_partition_offline_alone_and_says_so(string operation, string policy)
    {
        var disk = new MemoryDisk();
        var lines = new BrokerLogRecord();
        var broker = await StartAsync(disk, lines, policy);
        FailOrders(disk, operation, ".log");

        var failed = await broker.Local.ProduceAsync(Orders, Batches.Of("b"));

        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.Unknown), (failed.Error, failed.Outcome));
        disk.Fault = null;
        var later = await broker.Local.ProduceAsync(Orders, Batches.Of("c"));
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.NotStored), (later.Error, later.Outcome));
        Assert.Contains("InvalidOperationException", later.Message, StringComparison.Ordinal);
        Assert.Contains("orders-0", Assert.Single(lines.Of(PartitionFailed)), StringComparison.Ordinal);
        await AssertOthersServeAsync(broker);

        await broker.DisposeAsync();
        await using var again = await TestBroker.StartAsync(disk, before: broker);
        Assert.False(again.Host.Directories.All[0].WasCleanShutdown);
        Assert.Equal("a", (await again.Local.ReadAllAsync(Orders))[0]);
        Assert.Equal(["a", "b"], await again.Local.ReadAllAsync(Bills));
    }

    [Fact]
    public async Task All_appends_of_a_group_that_failed_are_answered()
    {
        var disk = new MemoryDisk();
        await using var broker = await StartAsync(disk, new BrokerLogRecord(), "ack");
        using var gate = new SyncGate(disk, ".log");
        var first = broker.Local.ProduceAsync(Orders, Batches.Of("b")).AsTask();
        await gate.Reached;
        Task<ProduceResult>[] rest = [.. Enumerable.Range(0, 20).Select(i => broker.Local.ProduceAsync(Orders, Batches.Of($"{i}")).AsTask())];
        gate.Open();
        FailOrders(disk, "write", ".log");
        rest = [.. rest, .. Enumerable.Range(0, 20).Select(i => broker.Local.ProduceAsync(Orders, Batches.Of($"{i}")).AsTask())];

        var results = await Task.WhenAll([first, .. rest]).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.All(results, result => Assert.True(result.Error is ErrorCode.None or ErrorCode.KafkaStorageError, $"{result.Error}"));
        Assert.Equal(ErrorCode.KafkaStorageError, results[^1].Error);
        disk.Fault = null;
        await AssertOthersServeAsync(broker);
    }

    [Fact]
    public async Task An_unexpected_error_in_retention_takes_its_partition_offline_and_the_round_goes_on()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        var lines = new BrokerLogRecord();
        await using var broker = await TestBroker.StartAsync(
            disk, time, new() { ["log.retention.check.interval.ms"] = "10000", ["log.initial.task.delay.ms"] = "0" }, logger: lines);
        foreach (var topic in (string[])["bills", "orders", "zebras"])
        {
            await broker.CreateTopicAsync(topic, 1, ("segment.bytes", "1024"), ("retention.bytes", "1000"));
            for (var i = 0; i < 3; i++)
                await broker.Local.ProduceAsync(new(topic, 0), Batches.OfSize(900));
        }

        FailOrders(disk, "rename", ".log");
        await broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromSeconds(11)));

        Assert.Contains("orders-0", Assert.Single(lines.Of(PartitionFailed)), StringComparison.Ordinal);
        foreach (var topic in (string[])["bills", "zebras"])
            Assert.True((await broker.Local.ListOffsetsAsync([new(new(topic, 0), OffsetSpec.Earliest)], default))[0].Offset > 0, topic);
    }

    [Fact]
    public async Task A_partition_that_cannot_even_be_closed_does_not_keep_the_broker_from_stopping()
    {
        var disk = new MemoryDisk();
        var broker = await StartAsync(disk, new BrokerLogRecord(), "os");
        FailOrders(disk, "sync", ".log");

        await broker.DisposeAsync();

        disk.Fault = null;
        await using var again = await TestBroker.StartAsync(disk, before: broker);
        Assert.Equal(["a"], await again.Local.ReadAllAsync(Orders));
        Assert.Equal(["a"], await again.Local.ReadAllAsync(Bills));
    }

    private static async Task<TestBroker> StartAsync(MemoryDisk disk, BrokerLogRecord lines, string policy)
    {
        var broker = await TestBroker.StartAsync(disk, logger: lines);
        foreach (var topic in (string[])["orders", "bills"])
        {
            await broker.CreateTopicAsync(topic, 1, ("orleanslog.flush.policy", policy));
            await broker.Local.StoredAsync(new(topic, 0), "a");
        }

        return broker;
    }

    private static void FailOrders(MemoryDisk disk, string operation, string ending) => disk.Fault = (name, path) =>
        name == operation && path.Contains("orders-0", StringComparison.Ordinal) && path.EndsWith(ending, StringComparison.Ordinal)
            ? throw new InvalidOperationException("a bug")
            : null;

    private static async Task AssertOthersServeAsync(TestBroker broker)
    {
        await broker.Local.StoredAsync(Bills, "b");
        Assert.Equal(["a", "b"], await broker.Local.ReadAllAsync(Bills));
        Assert.Empty(broker.ReportedOffline);
    }
}

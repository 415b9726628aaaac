using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class TopicLifeTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task A_deleted_topic_is_renamed_at_once_and_its_files_go_after_the_delay()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time);
        await broker.CreateTopicAsync("orders", 1, ("file.delete.delay.ms", "60000"));
        await broker.Local.StoredAsync(Orders, "a");

        await broker.DeleteTopicAsync("orders");

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await broker.Local.ProduceAsync(Orders, Batches.Of("b"))).Error);
        var renamed = Assert.Single(disk.List("/data"), entry => entry.IsDirectory).Name;
        Assert.EndsWith("-delete", renamed, StringComparison.Ordinal);

        var deleted = broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromSeconds(61)));
        await deleted;
        Assert.DoesNotContain(disk.List("/data"), entry => entry.IsDirectory);
    }

    [Fact]
    public async Task A_topic_made_again_under_its_name_starts_empty()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "old");
        await broker.DeleteTopicAsync("orders");

        await broker.CreateTopicAsync("orders");

        Assert.Equal(0, await broker.Local.StoredAsync(Orders, "new"));
        Assert.Equal(["new"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_topic_deleted_and_made_again_while_the_broker_was_away_starts_empty_and_the_old_log_is_set_aside()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "old");
        await broker.Host.StopAsync();
        await broker.DeleteTopicWhileStoppedAsync("orders");
        await broker.CreateTopicWhileStoppedAsync("orders", broker.Image.Brokers[TestBroker.Id].Directories[0]);

        await using var again = await TestBroker.StartAsync(disk, before: broker);

        Assert.Equal(0, await again.Local.StoredAsync(Orders, "new"));
        Assert.Contains(disk.List("/data"), entry => entry.Name.EndsWith("-stray", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_of_no_topic_is_set_aside_as_stray()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");
        await broker.DisposeAsync();
        await broker.DeleteTopicWhileStoppedAsync("orders");

        await using var again = await TestBroker.StartAsync(disk, before: broker);
        await again.Host.BackgroundIdleAfter(() => { });

        Assert.EndsWith("-stray", Assert.Single(disk.List("/data"), entry => entry.IsDirectory).Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_partitions_spread_over_the_directories_that_the_controller_chose()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk, directories: ["/one", "/two"]);

        await broker.CreateTopicAsync("orders", partitions: 4);

        Assert.All(await broker.Local.DescribeLogDirsAsync(), directory => Assert.Equal(2, directory.Replicas.Length));
    }

    [Fact]
    public async Task Retention_by_size_deletes_whole_segments_when_its_time_comes()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time, new() { ["log.retention.check.interval.ms"] = "10000", ["log.initial.task.delay.ms"] = "0" });
        await broker.CreateTopicAsync("orders", 1, ("segment.bytes", "1048576"), ("retention.bytes", "1000000"));
        for (var i = 0; i < 6; i++)
            await broker.Local.ProduceAsync(Orders, Batches.OfSize(900_000));

        await broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromSeconds(11)));

        Assert.Equal(4, (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0].Offset);
    }

    [Fact]
    public async Task Topics_that_come_and_go_leave_nothing_behind()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("stays", 2);
        for (var i = 0; i < 50; i++)
        {
            await broker.CreateTopicAsync($"goes-{i}", 3);
            await broker.DeleteTopicAsync($"goes-{i}");
        }

        Assert.Equal(2, broker.Host.Replicas.NameCount);
    }

    /// <summary>What takes a name away and what gives it to another topic may come at the same time.</summary>
    [Fact]
    public async Task A_name_that_comes_and_goes_without_a_pause_is_open_in_the_end()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 200; i++)
        {
            var deleting = broker.DeleteTopicAsync("orders");
            var creating = broker.CreateTopicAsync("orders");
            await Task.WhenAll(deleting, creating);
            Assert.Equal(0, await broker.Local.StoredAsync(Orders, $"{i}"));
        }
    }
}

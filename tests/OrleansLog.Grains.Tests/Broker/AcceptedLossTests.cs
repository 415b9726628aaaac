using OrleansLog.Core.Controller;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>D11: what the broker does when the controller gives a lost replica another directory.</summary>
public sealed class AcceptedLossTests
{
    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly string[] OneAndTwo = ["/one", "/two"];

    [Fact]
    public async Task A_replica_of_a_wiped_directory_begins_empty_where_the_controller_says()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: OneAndTwo);
        await broker.CreateTopicAsync("orders", partitions: 2);
        await broker.Local.StoredAsync(Orders, "gone");
        await broker.Local.StoredAsync(new("orders", 1), "kept");
        await broker.DisposeAsync();
        disk.DeleteDirectory("/one");
        await using var again = await TestBroker.StartAsync(disk, before: broker, directories: OneAndTwo);
        Assert.Equal(ErrorCode.KafkaStorageError, (await again.Local.ProduceAsync(Orders, Batches.Of("early"))).Error);
        Assert.Equal(1, again.Host.Replicas.LostCount);

        await AcceptAsync(again, again.Host.Directories.All[0].Id);

        Assert.Equal(0, await again.Local.StoredAsync(Orders, "new"));
        Assert.Equal(["new"], await again.Local.ReadAllAsync(Orders));
        Assert.Equal(["kept"], await again.Local.ReadAllAsync(new("orders", 1)));
        Assert.Equal(0, again.Host.Replicas.LostCount);
        Assert.Empty(again.Assigned);
    }

    [Fact]
    public async Task A_replica_of_a_directory_that_failed_begins_empty_in_another_without_a_restart_and_the_old_log_is_set_aside_after_one()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: OneAndTwo);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "old");
        disk.Fault = (name, path) => name == "write" && path.StartsWith("/one", StringComparison.Ordinal) ? DiskErrorKind.Io : null;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("refused"))).Error);

        await AcceptAsync(broker, broker.Host.Directories.All[1].Id);

        Assert.Equal(0, await broker.Local.StoredAsync(Orders, "new"));
        Assert.Empty(broker.Assigned);
        disk.Fault = null;
        await broker.DisposeAsync();
        Assert.True(disk.DirectoryExists("/one/orders-0"));

        await using var again = await TestBroker.StartAsync(disk, before: broker, directories: OneAndTwo);
        Assert.Equal(["new"], await again.Local.ReadAllAsync(Orders));
        Assert.False(disk.DirectoryExists("/one/orders-0"));
        Assert.Equal(PartitionDirectoryKind.Stray, Assert.Single(again.Host.Directories.All[0].List()).Kind);
    }

    [Fact]
    public async Task A_replica_that_was_moved_and_then_lost_begins_empty_where_it_was_before_its_move()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: OneAndTwo);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "gone");
        await broker.DisposeAsync();
        disk.Rename("/one/orders-0", "/two/orders-0");
        var moved = await TestBroker.StartAsync(disk, before: broker, directories: OneAndTwo);
        await AssignAsync(moved, moved.Host.Directories.All[1].Id);
        await moved.DisposeAsync();
        var confirmed = await TestBroker.StartAsync(disk, before: moved, directories: OneAndTwo);
        Assert.Equal(["gone"], await confirmed.Local.ReadAllAsync(Orders));
        await confirmed.DisposeAsync();
        disk.DeleteDirectory("/two");
        await using var again = await TestBroker.StartAsync(disk, before: confirmed, directories: OneAndTwo);
        Assert.Equal(ErrorCode.KafkaStorageError, (await again.Local.ProduceAsync(Orders, Batches.Of("early"))).Error);

        await AcceptAsync(again, again.Host.Directories.All[0].Id);

        Assert.Equal(0, await again.Local.StoredAsync(Orders, "new"));
    }

    [Fact]
    public async Task A_replica_that_was_moved_and_lost_before_the_controller_took_the_move_is_still_missed_where_it_was()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: OneAndTwo);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "gone");
        await broker.DisposeAsync();
        disk.Rename("/one/orders-0", "/two/orders-0");
        await using (var moved = await TestBroker.StartAsync(disk, before: broker, directories: OneAndTwo))
            Assert.Equal(["gone"], await moved.Local.ReadAllAsync(Orders));

        disk.DeleteDirectory("/two");
        await using var again = await TestBroker.StartAsync(disk, before: broker, directories: OneAndTwo);

        Assert.Equal(ErrorCode.KafkaStorageError, (await again.Local.ProduceAsync(Orders, Batches.Of("early"))).Error);
        Assert.False(disk.DirectoryExists("/one/orders-0"));
    }

    private static Task AcceptAsync(TestBroker broker, Guid directory) => ChangeAsync(broker, directory, isNewEpoch: true);

    private static Task AssignAsync(TestBroker broker, Guid directory) => ChangeAsync(broker, directory, isNewEpoch: false);

    private static Task ChangeAsync(TestBroker broker, Guid directory, bool isNewEpoch)
    {
        var before = broker.Image.FindTopic("orders")!.Find(0)!;
        return broker.PublishAsync(new PartitionChangeRecord
        {
            TopicId = broker.Image.TopicIds["orders"],
            Partition = 0,
            PartitionEpoch = before.PartitionEpoch + 1,
            Leader = isNewEpoch ? TestBroker.Id : null,
            LeaderEpoch = isNewEpoch ? before.LeaderEpoch + 1 : null,
            Directories = [directory],
        });
    }
}

using OrleansLog.Grains.Directories;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class RestartTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task A_clean_stop_and_start_bring_everything_back_without_a_scan()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await broker.Local.StoredAsync(Orders, "a", "b");
        await broker.DisposeAsync();

        await using var again = await TestBroker.StartAsync(disk, before: broker);

        Assert.True(again.Host.Directories.All[0].WasCleanShutdown);
        Assert.Equal(["a", "b"], await again.Local.ReadAllAsync(Orders));
        var partition = again.Host.Replicas.Find(new ReplicaKey(again.Image.TopicIds["orders"], 0, TestBroker.Id))!;
        Assert.Equal(0, partition.Log.RecoveryReport.SegmentsScanned);
        Assert.Equal(2, await again.Local.StoredAsync(Orders, "c"));
    }

    [Fact]
    public async Task A_killed_process_loses_nothing_of_what_was_acknowledged_under_os()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        for (var i = 0; i < 10; i++)
            await broker.Local.StoredAsync(Orders, $"{i}");

        await using var again = await TestBroker.StartAsync(disk.Kill(), before: broker);

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), await again.Local.ReadAllAsync(Orders));
        Assert.False(again.Host.Directories.All[0].MayHaveLostUnsynced);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_power_loss_loses_nothing_of_what_was_acknowledged_under_ack(int seed)
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"), ("segment.bytes", "1048576"));
        for (var i = 0; i < 10; i++)
            await broker.Local.StoredAsync(Orders, $"{i}");

        await using var again = await TestBroker.StartAsync(disk.Crash(seed), before: broker, bootId: "boot-2");

        Assert.True(again.Host.Directories.All[0].MayHaveLostUnsynced);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), (await again.Local.ReadAllAsync(Orders)).Take(10));
        Assert.Equal(10, await again.Local.StoredAsync(Orders, "next"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_disk_that_is_full_at_the_start_takes_no_records_before_the_run_is_noted_and_hides_no_power_loss(int seed)
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await before.Local.StoredAsync(Orders, "a");
        await before.DisposeAsync();

        disk.Fault = (name, path) => name == "write" && path.Contains("orleanslog.session", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;
        var time = TestBroker.Clock();
        var broker = await TestBroker.StartAsync(disk, time, before: before);
        var directory = broker.Host.Directories.All[0];
        Assert.Equal(["a"], await broker.Local.ReadAllAsync(Orders));
        var refused = await broker.Local.ProduceAsync(Orders, Batches.Of("too early"));
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.NotStored), (refused.Error, refused.Outcome));
        Assert.False(directory.TryResume(disk, 0));

        disk.Fault = null;
        Assert.True(directory.TryResume(disk, 0));
        for (var i = 0; i < 20; i++)
            await broker.Local.StoredAsync(Orders, $"{i}");

        await using var again = await TestBroker.StartAsync(disk.Crash(seed), before: broker, bootId: "boot-2");
        Assert.Equal((false, true), (again.Host.Directories.All[0].WasCleanShutdown, again.Host.Directories.All[0].MayHaveLostUnsynced));
    }

    [Fact]
    public async Task A_clean_marker_that_cannot_be_removed_takes_the_directory_offline()
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders");
        await before.Local.StoredAsync(Orders, "a");
        await before.DisposeAsync();

        disk.Fault = (name, path) => name == "delete" && path.EndsWith(".kafka_cleanshutdown", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;
        await using var broker = await TestBroker.StartAsync(disk, before: before);
        Assert.Equal(DirectoryHealth.Offline, broker.Host.Directories.All[0].Health);
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("b"))).Error);
    }

    [Fact]
    public async Task A_start_that_ends_before_it_was_registered_does_not_make_an_unclean_stop_clean()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await broker.Local.StoredAsync(Orders, "a");
        var crashed = disk.Crash(1);
        await TestBroker.OpenAndStopAsync(crashed, bootId: "boot-2");

        await using var again = await TestBroker.StartAsync(crashed, before: broker, bootId: "boot-2");
        Assert.Equal((false, true), (again.Host.Directories.All[0].WasCleanShutdown, again.Host.Directories.All[0].MayHaveLostUnsynced));
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_kill()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 5; i++)
            await broker.Local.StoredAsync(Orders, $"{i}");

        var deleted = await broker.Local.DeleteRecordsAsync([new(Orders, 3)]);
        Assert.Equal(new DeleteRecordsResult(ErrorCode.None, 3), deleted[0]);

        await using var again = await TestBroker.StartAsync(disk.Kill(), before: broker);
        Assert.Equal(3, (await again.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0].Offset);
        Assert.Equal(["3", "4"], await again.Local.ReadAllAsync(Orders, 3));
        using var below = await again.Local.FetchAsync(Batches.Fetch(Orders, 0));
        Assert.Equal(ErrorCode.OffsetOutOfRange, below.Partitions[0].Error);
    }

    [Theory]
    [InlineData(DiskErrorKind.NoSpace, false)]
    [InlineData(DiskErrorKind.NoSpace, true)]
    [InlineData(DiskErrorKind.TooManyFiles, false)]
    public async Task Records_are_deleted_for_good_or_not_at_all_when_the_disk_is_full(DiskErrorKind kind, bool hasRoomLater)
    {
        var disk = new MemoryDisk();
        var broker = await FiveAsync(disk);
        disk.Fault = (name, path) => name == "write" && path.Contains("log-start-offset-checkpoint", StringComparison.Ordinal) ? kind : null;

        Assert.Equal([new DeleteRecordsResult(ErrorCode.KafkaStorageError, -1)], await broker.Local.DeleteRecordsAsync([new(Orders, 3)]));

        Assert.Equal(["0", "1", "2", "3", "4"], await broker.Local.ReadAllAsync(Orders));
        Assert.Equal(0, (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0].Offset);
        disk.Fault = null;
        if (hasRoomLater)
            Assert.Equal([new DeleteRecordsResult(ErrorCode.None, 3)], await broker.Local.DeleteRecordsAsync([new(Orders, 3)]));

        await using var again = await TestBroker.StartAsync(disk.Kill(), before: broker);
        Assert.Equal(hasRoomLater ? 3 : 0, (await again.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0].Offset);
    }

    [Fact]
    public async Task Nobody_sees_records_go_before_that_is_on_disk()
    {
        var disk = new MemoryDisk();
        await using var broker = await FiveAsync(disk);
        using var gate = new SyncGate(disk, "log-start-offset-checkpoint.tmp");
        var delete = broker.Local.DeleteRecordsAsync([new(Orders, 3)]).AsTask();
        await gate.Reached;

        Assert.Equal(["0", "1", "2", "3", "4"], await broker.Local.ReadAllAsync(Orders));
        gate.Open();
        Assert.Equal([new DeleteRecordsResult(ErrorCode.None, 3)], await delete);
        Assert.Equal(3, (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0].Offset);
    }

    [Fact]
    public async Task Records_can_be_deleted_though_a_full_disk_has_no_room_for_the_leader_epochs()
    {
        var disk = new MemoryDisk();
        var broker = await FiveAsync(disk);
        disk.Fault = (name, path) => name == "write" && path.Contains("leader-epoch-checkpoint", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;

        Assert.Equal([new DeleteRecordsResult(ErrorCode.None, 3)], await broker.Local.DeleteRecordsAsync([new(Orders, 3)]));

        var earliest = (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Earliest)], default))[0];
        Assert.Equal((3L, 0), (earliest.Offset, earliest.LeaderEpoch));
        disk.Fault = null;
        await using var again = await TestBroker.StartAsync(disk.Kill(), before: broker);
        Assert.Equal(["3", "4"], await again.Local.ReadAllAsync(Orders, 3));
    }

    [Fact]
    public async Task A_second_broker_on_the_same_directory_is_refused()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);

        var refused = await Assert.ThrowsAsync<LogDirectoryException>(() => TestBroker.StartAsync(disk));

        Assert.Equal(LogDirectoryProblem.Locked, refused.Problem);
    }

    [Fact]
    public async Task A_partition_whose_log_was_removed_stays_offline_and_is_never_made_anew_empty()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", partitions: 2);
        await broker.Local.StoredAsync(Orders, "a");
        await broker.DisposeAsync();
        disk.DeleteDirectory("/data/orders-0");

        await using var again = await TestBroker.StartAsync(disk, before: broker);

        Assert.Equal(ErrorCode.KafkaStorageError, (await again.Local.ProduceAsync(Orders, Batches.Of("b"))).Error);
        Assert.False(disk.DirectoryExists("/data/orders-0"));
        Assert.Equal(0, await again.Local.StoredAsync(new("orders", 1), "b"));
    }

    [Fact]
    public async Task A_wiped_directory_is_noticed_by_its_new_id_and_its_partitions_stay_offline()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: ["/one", "/two"]);
        await broker.CreateTopicAsync("orders", partitions: 2);
        await broker.Local.StoredAsync(Orders, "a");
        await broker.Local.StoredAsync(new("orders", 1), "b");
        await broker.DisposeAsync();
        disk.DeleteDirectory("/one");

        await using var again = await TestBroker.StartAsync(disk, before: broker, directories: ["/one", "/two"]);

        Assert.Equal(ErrorCode.KafkaStorageError, (await again.Local.ProduceAsync(Orders, Batches.Of("c"))).Error);
        Assert.Equal(["b"], await again.Local.ReadAllAsync(new("orders", 1)));
    }

    [Fact]
    public async Task A_partition_that_an_operator_moved_is_opened_where_it_lies_and_reported()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, directories: ["/one", "/two"]);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");
        await broker.DisposeAsync();
        disk.Rename("/one/orders-0", "/two/orders-0");

        await using var again = await TestBroker.StartAsync(disk, before: broker, directories: ["/one", "/two"]);

        Assert.Equal(["a"], await again.Local.ReadAllAsync(Orders));
        Assert.Equal(again.Host.Directories.All[1].Id, Assert.Single(again.Assigned).DirectoryId);
    }

    private static async Task<TestBroker> FiveAsync(MemoryDisk disk)
    {
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 5; i++)
            await broker.Local.StoredAsync(Orders, $"{i}");

        return broker;
    }
}

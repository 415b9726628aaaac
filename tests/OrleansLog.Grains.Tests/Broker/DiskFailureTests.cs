using OrleansLog.Grains.Directories;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>S8: no acknowledgement follows a failed write or sync.</summary>
public sealed class DiskFailureTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Theory]
    [InlineData(DiskErrorKind.Io)]
    [InlineData(DiskErrorKind.ReadOnly)]
    public async Task A_failed_write_takes_the_directory_offline_until_restart(DiskErrorKind kind)
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");

        disk.Fault = (name, path) => name == "write" && path.EndsWith(".log", StringComparison.Ordinal) ? kind : null;
        var failed = await broker.Local.ProduceAsync(Orders, Batches.Of("b"));
        disk.Fault = null;

        Assert.Equal(ErrorCode.KafkaStorageError, failed.Error);
        Assert.NotEqual(ProduceOutcome.Stored, failed.Outcome);
        var later = await broker.Local.ProduceAsync(Orders, Batches.Of("c"));
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.NotStored), (later.Error, later.Outcome));
        using var fetch = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0));
        Assert.Equal(ErrorCode.KafkaStorageError, fetch.Partitions[0].Error);
        await broker.Reported;
        Assert.Equal(broker.Host.Directories.All.Select(d => d.Id), broker.ReportedOffline);
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.DescribeLogDirsAsync())[0].Error);
    }

    [Theory]
    [InlineData(DiskErrorKind.Io)]
    [InlineData(DiskErrorKind.NoSpace)]
    public async Task A_failed_sync_acknowledges_nothing_and_is_not_tried_again(DiskErrorKind kind)
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log") { Failure = kind };
        var produce = broker.Local.ProduceAsync(Orders, Batches.Of("a")).AsTask();
        await gate.Reached;
        gate.Open();

        var result = await produce;
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.Unknown), (result.Error, result.Outcome));
        disk.Fault = null;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("b"))).Error);
    }

    [Fact]
    public async Task Other_directories_serve_on_when_one_fails()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk, directories: ["/one", "/two"]);
        await broker.CreateTopicAsync("orders", partitions: 2);
        disk.Fault = (name, path) => name == "write" && path.StartsWith("/one", StringComparison.Ordinal) ? DiskErrorKind.Io : null;

        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("a"))).Error);

        Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(new("orders", 1), Batches.Of("b"))).Error);
        Assert.Equal(["/one"], broker.Host.Directories.All.Where(d => d.Health == DirectoryHealth.Offline).Select(d => d.Path));
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_keeps_serving_reads_and_resumes_when_there_is_room()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time, new() { ["orleanslog.disk.free.min.bytes"] = "1000" });
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await broker.Local.StoredAsync(Orders, "a");

        disk.CapacityBytes = disk.UsedBytes + 50;
        var full = await broker.Local.ProduceAsync(Orders, Batches.Of("does not fit"));
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.NotStored), (full.Error, full.Outcome));
        Assert.Contains("full", full.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], await broker.Local.ReadAllAsync(Orders));
        Assert.Contains("/data: the disk is full", broker.Host.TakesNoRecordsBecause, StringComparison.Ordinal);
        var directories = broker.Host.Directories;
        Assert.Equal(1, directories.Full().Single().Value);
        Assert.InRange(directories.FreeBytes().Single().Value, 0, 50);

        disk.CapacityBytes = disk.UsedBytes + 1_000_000;
        var resumed = Resumed(broker.Host.Directories.All[0]);
        time.Advance(TimeSpan.FromSeconds(1.5));
        await resumed;
        Assert.Null(broker.Host.TakesNoRecordsBecause);
        Assert.Equal(0, directories.Full().Single().Value);
        Assert.InRange(directories.FreeBytes().Single().Value, 900_000, 1_000_000);

        Assert.Equal(1, await broker.Local.StoredAsync(Orders, "b"));
        Assert.Equal(["a", "b"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task What_was_acknowledged_before_a_full_disk_is_there_after_a_restart_and_nothing_else()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        await broker.Local.StoredAsync(Orders, "a");
        disk.CapacityBytes = disk.UsedBytes + 80;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.OfSize(500))).Error);

        var crashed = disk.Kill();
        crashed.CapacityBytes = long.MaxValue;
        await using var again = await TestBroker.StartAsync(crashed, before: broker);

        Assert.Equal(["a"], await again.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_is_told_once()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        var lines = new BrokerLogRecord();
        await using var broker = await TestBroker.StartAsync(disk, time, logger: lines);
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");
        disk.Fault = (name, path) => name == "write" && path.Contains("replication-offset-checkpoint", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;

        for (var i = 0; i < 5; i++)
            await broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromSeconds(6)));

        Assert.Single(lines.Of(2018));
        disk.Fault = null;
    }

    [Fact]
    public async Task A_broker_takes_records_while_one_of_its_disks_has_room()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk, directories: ["/one", "/two"]);
        await broker.CreateTopicAsync("orders", partitions: 2);
        disk.Fault = (name, path) => name == "write" && path.StartsWith("/one", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("a"))).Error);
        Assert.Null(broker.Host.TakesNoRecordsBecause);

        disk.Fault = (name, path) => name == "write" ? DiskErrorKind.NoSpace : null;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(new("orders", 1), Batches.Of("b"))).Error);
        Assert.Contains("/two", broker.Host.TakesNoRecordsBecause, StringComparison.Ordinal);
        disk.Fault = null;
    }

    private static Task Resumed(DataDirectory directory)
    {
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        directory.Resumed += _ => resumed.TrySetResult();
        return resumed.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }
}

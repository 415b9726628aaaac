using System.Collections.Concurrent;
using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>What partitions cost at the disk when there are many: each its own share, whatever their number.</summary>
public sealed class ManyPartitionTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task Opening_and_making_a_partition_look_at_its_own_files_not_at_all_the_others()
    {
        var few = await CountAsync(partitions: 40);
        var many = await CountAsync(partitions: 160);

        Assert.Equal((0, 0), (few.ListedWhenMade, many.ListedWhenMade));
        Assert.Equal(few.InTheDirectory, many.InTheDirectory);
        Assert.True(many.All < few.All * 4.5, $"{few.All} file operations for 40 partitions, {many.All} for 160");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_power_loss_while_partitions_are_made_leaves_none_that_looks_lost(int seed)
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("before");
        using var gate = new SyncGate(disk, "partition.metadata");
        var creation = broker.CreateTopicAsync("orders", partitions: 3);
        await gate.Reached;
        var crashed = disk.Crash(seed);
        gate.Dispose();
        await creation;

        await using var again = await TestBroker.StartAsync(crashed, before: broker, bootId: "boot-2");

        for (var i = 0; i < 3; i++)
            Assert.Equal(0, await again.Local.StoredAsync(new("orders", i), "a"));
    }

    [Fact]
    public async Task What_many_new_partitions_were_given_is_there_after_a_power_loss()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", partitions: 50, ("orleanslog.flush.policy", "ack"));
        for (var i = 0; i < 50; i++)
            await broker.Local.StoredAsync(new("orders", i), $"{i}");

        await using var again = await TestBroker.StartAsync(disk.Crash(1), before: broker, bootId: "boot-2");

        for (var i = 0; i < 50; i++)
            Assert.Equal([$"{i}"], await again.Local.ReadAllAsync(new("orders", i)));
    }

    [Fact]
    public async Task A_log_is_opened_once_while_the_recovery_points_cannot_be_written()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        var lines = new BrokerLogRecord();
        await using var broker = await TestBroker.StartAsync(disk, time, logger: lines);
        var opened = 0;
        disk.Fault = (name, path) =>
        {
            if (name == "open" && path.EndsWith(".log", StringComparison.Ordinal))
                Interlocked.Increment(ref opened);

            return name == "write" && path.Contains("recovery-point-offset-checkpoint", StringComparison.Ordinal) ? Log.DiskErrorKind.NoSpace : null;
        };
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(2.1));
            await broker.SettledAsync();
            Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("too early"))).Error);
        }

        Assert.Equal(1, opened);
        Assert.Single(lines.Of(2024));
        disk.Fault = null;
        time.Advance(TimeSpan.FromSeconds(2.1));
        await broker.SettledAsync();
        Assert.Equal(0, await broker.Local.StoredAsync(Orders, "a"));
    }

    [Fact]
    public async Task A_stop_while_logs_are_opened_opens_none_of_those_that_wait()
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders", partitions: 60);
        await before.DisposeAsync();

        var opened = new ConcurrentBag<string>();
        using var gate = new SyncGate(disk, ".log", operation: "open");
        var held = disk.Fault!;
        disk.Fault = (name, path) =>
        {
            if (name == "open" && path.EndsWith(".log", StringComparison.Ordinal))
                opened.Add(path);

            return held(name, path);
        };
        var broker = await TestBroker.BeginAsync(disk, before: before);
        await gate.Reached;
        broker.Host.StopServing();
        gate.Open();
        await broker.DisposeAsync();

        Assert.True(opened.Distinct().Count() <= 2, $"{opened.Count} logs were opened by two threads that each were at one");
        disk.Fault = null;
        await using var again = await TestBroker.StartAsync(disk, before: before);
        for (var i = 0; i < 60; i++)
            Assert.Equal(0, await again.Local.StoredAsync(new("orders", i), "a"));
    }

    [Fact]
    public async Task New_topics_and_groups_do_not_wait_behind_the_logs_that_a_start_finds()
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders", partitions: 6);
        await before.CreateTopicAsync(InternalTopics.ConsumerOffsets);
        await before.DisposeAsync();

        using var gate = new SyncGate(disk, ".log", operation: "open");
        var held = disk.Fault!;
        disk.Fault = (name, path) => path.Contains("orders", StringComparison.Ordinal) ? held(name, path) : null;
        await using var broker = await TestBroker.BeginAsync(disk, before: before);
        await gate.Reached;
        var creation = broker.CreateTopicAsync("new");

        foreach (var topic in (string[])["new", InternalTopics.ConsumerOffsets])
            Assert.True(await broker.Host.Replicas.WaitForTopicAsync(topic, broker.Image.Version, TimeSpan.FromDays(1)).WaitAsync(TimeSpan.FromMinutes(2)), topic);

        await broker.Local.StoredAsync(new("new", 0), "a");
        Assert.Equal((true, false, false), (IsOpening("orders"), IsOpening("new"), IsOpening(InternalTopics.ConsumerOffsets)));
        Assert.False(await broker.Host.Replicas.WaitForTopicAsync("orders", broker.Image.Version, TimeSpan.Zero));
        Assert.False(broker.Host.IsRecovered);
        gate.Open();
        await creation;
        await broker.SettledAsync();
        Assert.False(IsOpening("orders"));

        bool IsOpening(string topic) => broker.Host.IsOpening(topic, 0, TestBroker.Id);
    }

    [Fact]
    public async Task A_topic_that_is_deleted_makes_room_on_a_full_disk_at_once()
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk, settings: new() { ["orleanslog.disk.free.min.bytes"] = "1000" });
        await broker.CreateTopicAsync("old", 1, ("file.delete.delay.ms", "9223372036854775807"));
        await broker.CreateTopicAsync("orders");
        await broker.Local.ProduceAsync(new("old", 0), Batches.OfSize(100_000));
        disk.CapacityBytes = disk.UsedBytes;
        Assert.Equal(ErrorCode.KafkaStorageError, (await broker.Local.ProduceAsync(Orders, Batches.Of("does not fit"))).Error);

        await broker.DeleteTopicAsync("old");
        await broker.Host.BackgroundIdleAfter(() => { });

        Assert.True(disk.UsedBytes < disk.CapacityBytes - 90_000, $"{disk.UsedBytes} of {disk.CapacityBytes} bytes are in use");
        Assert.True(broker.Host.Directories.All[0].TryResume(disk, 1000));
        await broker.Local.StoredAsync(Orders, "a");

        // Deleted, not lost: its name may be used again, also after a crash.
        var killed = disk.Kill();
        Assert.Contains(killed.List("/data"), entry => entry.Name.EndsWith("-delete", StringComparison.Ordinal));
        await using var again = await TestBroker.StartAsync(killed, before: broker);
        await again.Host.BackgroundIdleAfter(() => { });
        Assert.DoesNotContain(killed.List("/data"), entry => entry.Name.EndsWith("-delete", StringComparison.Ordinal));
        await again.CreateTopicAsync("old");
        Assert.Equal(0, await again.Local.StoredAsync(new("old", 0), "new"));
    }

    /// <summary>The operations at the disk of one run that makes partitions and of one that opens them again.</summary>
    private static async Task<Counts> CountAsync(int partitions)
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        var counts = new Counter();
        disk.Fault = counts.Note;
        await broker.CreateTopicAsync("orders", partitions);
        var listedWhenMade = counts.Lists;
        await broker.DisposeAsync();

        counts = new Counter();
        disk.Fault = counts.Note;
        await using var again = await TestBroker.StartAsync(disk, before: broker);
        await again.Host.BackgroundIdleAfter(() => { });
        return new Counts(listedWhenMade, counts.InTheDirectory, counts.All);
    }

    private readonly record struct Counts(int ListedWhenMade, int InTheDirectory, int All);

    private sealed class Counter
    {
        private int _lists;
        private int _inTheDirectory;
        private int _all;

        public int Lists => _lists;

        public int InTheDirectory => _inTheDirectory;

        public int All => _all;

        public Log.DiskErrorKind? Note(string operation, string path)
        {
            Interlocked.Increment(ref _all);
            if (path == "/data" && operation == "list")
                Interlocked.Increment(ref _lists);
            if (path == "/data" || (Path.GetDirectoryName(path) == "/data" && operation is not ("mkdir" or "list" or "syncdir")))
                Interlocked.Increment(ref _inTheDirectory);

            return null;
        }
    }
}

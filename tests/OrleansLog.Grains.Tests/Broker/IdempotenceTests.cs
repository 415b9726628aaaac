using System.Text;
using OrleansLog.Log;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>K5 at the leader: whatever is sent again is stored once, and nothing is acknowledged that is not there.</summary>
public sealed class IdempotenceTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task A_batch_that_is_sent_again_is_answered_with_where_it_is()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "before");

        var first = await SendAsync(broker, 0, "a", "b");
        var next = await SendAsync(broker, 2, "c");
        var again = await SendAsync(broker, 0, "a", "b");

        Assert.Equal((1L, 3L, 1L), (first.BaseOffset, next.BaseOffset, again.BaseOffset));
        Assert.Equal((ErrorCode.None, ProduceOutcome.Stored), (again.Error, again.Outcome));
        Assert.Equal(["before", "a", "b", "c"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task Gaps_and_old_epochs_are_refused_and_certainly_not_stored()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await SendAsync(broker, 0, "a");

        var gap = await SendAsync(broker, 2, "c");
        Assert.Equal((ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored), (gap.Error, gap.Outcome));
        Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(Orders, Batch(7, 1, 0, "b"))).Error);
        var old = await SendAsync(broker, 1, "c");
        Assert.Equal((ErrorCode.InvalidProducerEpoch, ProduceOutcome.NotStored), (old.Error, old.Outcome));
        Assert.Equal(["a", "b"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task Concurrent_repetitions_of_five_batches_are_stored_once_each_in_order()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        for (var round = 0; round < 20; round++)
        {
            var sends = new List<Task<ProduceResult>>();
            for (var i = 0; i < 5; i++)
            {
                // The second one follows at once, into the same group of the appender or the next.
                sends.Add(SendAsync(broker, (round * 5) + i, $"{(round * 5) + i}"));
                sends.Add(SendAsync(broker, (round * 5) + i, $"{(round * 5) + i}"));
            }

            var results = await Task.WhenAll(sends);
            Assert.All(results, result => Assert.Equal(ErrorCode.None, result.Error));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)(round * 5) + (i / 2)), results.Select(result => result.BaseOffset));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_repetition_is_acknowledged_only_when_the_original_is()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log");
        var first = SendAsync(broker, 0, "a");
        await gate.Reached;
        var again = SendAsync(broker, 0, "a");
        Assert.Equal(0, (await broker.Local.ProduceAsync(Orders, Batch(7, 0, 0, "a"), Acks.None)).BaseOffset);
        Assert.False(again.IsCompleted);
        Assert.False(first.IsCompleted);

        gate.Open();

        Assert.Equal(0, (await first).BaseOffset);
        Assert.Equal(0, (await again).BaseOffset);
    }

    [Fact]
    public async Task A_write_that_failed_leaves_nothing_behind_and_its_repetition_is_stored()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time, new() { ["orleanslog.disk.free.min.bytes"] = "1000" });
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await SendAsync(broker, 0, "a");

        disk.CapacityBytes = disk.UsedBytes + 50;
        var full = await SendAsync(broker, 1, "b");
        Assert.Equal((ErrorCode.KafkaStorageError, ProduceOutcome.NotStored), (full.Error, full.Outcome));
        disk.CapacityBytes = long.MaxValue;
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        broker.Host.Directories.All[0].Resumed += _ => resumed.TrySetResult();
        time.Advance(TimeSpan.FromSeconds(1.5));
        await resumed.Task.WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(1, (await SendAsync(broker, 1, "b")).BaseOffset);
        Assert.Equal(1, (await SendAsync(broker, 1, "b")).BaseOffset);
        Assert.Equal(["a", "b"], await broker.Local.ReadAllAsync(Orders));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_five_batches_are_known_again_after_a_restart(bool isClean)
    {
        var disk = new MemoryDisk();
        var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        for (var i = 0; i < 8; i++)
            await SendAsync(broker, i, $"{i}");
        if (isClean)
            await broker.DisposeAsync();

        await using var again = await TestBroker.StartAsync(isClean ? disk : disk.Kill(), before: broker);

        for (var i = 3; i < 8; i++)
            Assert.Equal((ErrorCode.None, i), ((await SendAsync(again, i, $"{i}")) is var repeated ? (repeated.Error, (int)repeated.BaseOffset) : default));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await SendAsync(again, 2, "2")).Error);
        Assert.Equal(8, (await SendAsync(again, 8, "8")).BaseOffset);
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), await again.Local.ReadAllAsync(Orders));
    }

    /// <summary>A client had four batches under way when the leader came: the first two were refused, the others found it.</summary>
    [Fact]
    public async Task A_gap_is_no_gap_where_what_is_missing_was_refused_a_moment_ago()
    {
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), time);
        await broker.CreateTopicAsync("orders", 1, [1, 2], [1], ("orleanslog.flush.policy", "os"));
        await SendAsync(broker, 0, "0");
        await broker.ChangePartitionAsync(Orders, leader: 2);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await SendAsync(broker, 1, "1")).Error);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await SendAsync(broker, 2, "2")).Error);
        await broker.ChangePartitionAsync(Orders, leader: 1);

        var third = await SendAsync(broker, 3, "3");
        Assert.Equal((ErrorCode.NotLeaderOrFollower, ProduceOutcome.NotStored), (third.Error, third.Outcome));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await SendAsync(broker, 6, "6")).Error);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await SendAsync(broker, 4, "4")).Error);

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await SendAsync(broker, 5, "5")).Error);
        for (var i = 1; i < 5; i++)
            Assert.Equal(i, (await SendAsync(broker, i, $"{i}")).BaseOffset);
    }

    /// <summary>Nothing was refused here: what is missing is lost, and a client that is told to look for the leader would never learn it.</summary>
    [Fact]
    public async Task A_gap_after_a_restart_is_one_at_once()
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await SendAsync(before, 0, "0");
        await using var broker = await TestBroker.StartAsync(disk.Kill(), before: before);

        var gap = await SendAsync(broker, 2, "2");

        Assert.Equal((ErrorCode.OutOfOrderSequenceNumber, ProduceOutcome.NotStored), (gap.Error, gap.Outcome));
    }

    [Fact]
    public async Task A_gap_behind_what_this_leader_took_is_one_at_once()
    {
        var disk = new MemoryDisk();
        var before = await TestBroker.StartAsync(disk);
        await before.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await SendAsync(before, 0, "0");
        await using var broker = await TestBroker.StartAsync(disk.Kill(), before: before);
        await SendAsync(broker, 1, "1");

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await SendAsync(broker, 3, "3")).Error);
    }

    [Fact]
    public async Task Batches_that_the_broker_stamps_or_compresses_anew_keep_their_producer()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("message.timestamp.type", "LogAppendTime"), ("compression.type", "lz4"));
        await broker.CreateTopicAsync("stamped", 1, ("message.timestamp.type", "LogAppendTime"));
        foreach (var partition in (TopicPartition[])[Orders, new("stamped", 0)])
        {
            var first = await broker.Local.ProduceAsync(partition, Batch(7, 0, 0, "a", "b"));
            var again = await broker.Local.ProduceAsync(partition, Batch(7, 0, 0, "a", "b"));
            Assert.Equal((first.BaseOffset, first.LogAppendTimeMs), (again.BaseOffset, again.LogAppendTimeMs));
            Assert.Equal(2, (await broker.Local.ProduceAsync(partition, Batch(7, 0, 2, "c"))).BaseOffset);
            using var fetched = await broker.Local.FetchAsync(Batches.Fetch(partition, 0));
            Assert.True(RecordBatchHeader.TryRead(fetched.Partitions[0].Records.Span, out var header));
            Assert.Equal((7L, (short)0, 0), (header.ProducerId, header.ProducerEpoch, header.BaseSequence));
        }
    }

    [Fact]
    public async Task A_transaction_is_refused_as_long_as_there_are_none()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { ProducerId = 7, ProducerEpoch = 0, BaseSequence = 0, IsTransactional = true });
        Assert.True(builder.TryAppend(Batches.TimestampMs, default, true, "a"u8, false));
        Assert.Equal(ErrorCode.InvalidTxnState, (await broker.Local.ProduceAsync(Orders, builder.Build().ToArray())).Error);
    }

    [Fact]
    public async Task A_producer_that_has_been_idle_for_long_is_forgotten()
    {
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), time, new() { ["producer.id.expiration.ms"] = "60000", ["producer.id.expiration.check.interval.ms"] = "60000" });
        await broker.CreateTopicAsync("orders");
        await SendAsync(broker, 0, "a");
        var partition = broker.Host.Replicas.Find(new ReplicaKey(broker.Image.TopicIds["orders"], 0, TestBroker.Id))!;
        Assert.Equal(1, partition.Log.Producers.Count);

        await broker.Host.BackgroundIdleAfter(() => time.Advance(TimeSpan.FromMinutes(2)));

        Assert.Equal(0, partition.Log.Producers.Count);
        Assert.Equal(ErrorCode.None, (await SendAsync(broker, 5, "b")).Error);
    }

    private static Task<ProduceResult> SendAsync(TestBroker broker, int sequence, params string[] values) =>
        broker.Local.ProduceAsync(Orders, Batch(7, 0, sequence, values)).AsTask();

    private static byte[] Batch(long producerId, short epoch, int sequence, params string[] values)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = sequence, Codec = CompressionCodec.None });
        foreach (var value in values)
            Assert.True(builder.TryAppend(Batches.TimestampMs, "key"u8, keyIsNull: false, Encoding.UTF8.GetBytes(value), valueIsNull: false));

        return builder.Build().ToArray();
    }
}

using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class AcknowledgementTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task Under_ack_a_batch_is_acknowledged_only_after_its_sync()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log");

        var produce = broker.Local.ProduceAsync(Orders, Batches.Of("a"), Acks.Leader).AsTask();
        await gate.Reached;
        Assert.False(produce.IsCompleted);
        using (var early = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0)))
            Assert.Equal(0, early.Partitions[0].HighWatermark);

        gate.Open();
        Assert.Equal(ProduceOutcome.Stored, (await produce).Outcome);
        Assert.Equal(["a"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task Under_os_nothing_waits_for_a_sync()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        using var gate = new SyncGate(disk, ".log");

        await broker.Local.StoredAsync(Orders, "a");

        Assert.Equal(["a"], await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_change_from_os_to_ack_syncs_what_was_written_before()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        await broker.Local.StoredAsync(Orders, "a");

        await broker.AlterTopicAsync("orders", "orleanslog.flush.policy", "ack");
        await broker.Local.StoredAsync(Orders, "b");

        var partition = broker.Host.Replicas.Find(new ReplicaKey(broker.Image.TopicIds["orders"], 0, TestBroker.Id))!;
        Assert.Equal(2, partition.Log.DurableEndOffset);
    }

    [Fact]
    public async Task An_interval_policy_syncs_once_the_time_is_up()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "interval"), ("flush.ms", "1000"));
        using var gate = new SyncGate(disk, ".log");
        await broker.Local.StoredAsync(Orders, "a");
        Assert.False(gate.Reached.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1100));

        await gate.Reached;
    }

    [Fact]
    public async Task A_batch_that_is_not_on_disk_in_time_has_an_unknown_outcome()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log");
        var produce = broker.Local.ProduceAsync(Orders, Batches.Of("a"), timeoutMs: 500).AsTask();
        await gate.Reached;

        time.Advance(TimeSpan.FromMilliseconds(600));

        var result = await produce;
        Assert.Equal((ErrorCode.RequestTimedOut, ProduceOutcome.Unknown), (result.Error, result.Outcome));
    }

    [Fact]
    public async Task A_batch_waits_no_longer_than_a_request_may()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time, new() { ["orleanslog.request.wait.max.ms"] = "1000" });
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "ack"));
        using var gate = new SyncGate(disk, ".log");
        var produce = broker.Local.ProduceAsync(Orders, Batches.Of("a"), timeoutMs: int.MaxValue).AsTask();
        await gate.Reached;

        time.Advance(TimeSpan.FromMilliseconds(1100));

        Assert.Equal(ErrorCode.RequestTimedOut, (await produce).Error);
    }

    [Fact]
    public async Task Acks_all_with_too_few_replicas_in_sync_writes_nothing()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, [1, 2], [1], ("min.insync.replicas", "2"));

        var result = await broker.Local.ProduceAsync(Orders, Batches.Of("a"));

        Assert.Equal((ErrorCode.NotEnoughReplicas, ProduceOutcome.NotStored), (result.Error, result.Outcome));
        Assert.Equal(0, (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.Latest)], default))[0].Offset);
    }

    [Fact]
    public async Task A_lost_leadership_refuses_and_a_new_one_serves_again()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, [1, 2], [1]);
        await broker.Local.StoredAsync(Orders, "a");

        await broker.ChangePartitionAsync(Orders, leader: 2);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await broker.Local.ProduceAsync(Orders, Batches.Of("b"))).Error);
        Assert.Equal(ErrorCode.FencedLeaderEpoch, (await broker.Local.ProduceAsync(Orders, Batches.Of("b"), leaderEpoch: 0)).Error);

        await broker.ChangePartitionAsync(Orders, leader: 1);
        Assert.Equal(1, await broker.Local.StoredAsync(Orders, "b"));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await broker.Local.ProduceAsync(Orders, Batches.Of("c"), leaderEpoch: 9)).Error);
    }
}

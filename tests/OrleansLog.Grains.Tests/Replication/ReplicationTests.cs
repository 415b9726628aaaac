using OrleansLog.Grains.Tests.Broker;

namespace OrleansLog.Grains.Tests.Replication;

/// <summary>Leaders and followers with real logs: what is committed, what is taken back, who is in sync.</summary>
public sealed class ReplicationTests
{
    private static readonly TopicPartition Orders = BrokerTrio.Orders;

    [Theory]
    [InlineData("os")]
    [InlineData("ack")]
    public async Task An_append_is_acknowledged_when_all_replicas_have_it_and_read_by_consumers_then(string policy)
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "2"), ("orleanslog.flush.policy", policy));
        trio.Cut(3);

        var produced = trio[1].ProduceAsync(Orders, Batches.Of("a", "b")).AsTask();
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).LogEndOffset == 2, "broker 2 has no copy");
        Assert.False(produced.IsCompleted);
        Assert.Empty(await trio[1].ReadAllAsync(Orders));

        trio.Cut(3, isCut: false);
        Assert.Equal(ErrorCode.None, (await produced).Error);
        Assert.Equal(["a", "b"], await trio[1].ReadAllAsync(Orders));
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).HighWatermark == 2 && trio.StatusOf(3).HighWatermark == 2, "followers do not hear what is committed");
    }

    [Fact]
    public async Task A_follower_that_lags_leaves_the_isr_and_comes_back()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "2"));
        await trio[1].StoredAsync(Orders, "a");
        trio.Cut(3);

        Assert.Equal(ErrorCode.None, (await trio[1].ProduceAsync(Orders, Batches.Of("b"))).Error);
        Assert.Equal([1, 2], trio.Partition.Isr.Order());
        trio.Cut(2);
        Assert.Equal(ErrorCode.NotEnoughReplicasAfterAppend, (await trio[1].ProduceAsync(Orders, Batches.Of("c"))).Error);
        Assert.Equal(ErrorCode.NotEnoughReplicas, (await trio[1].ProduceAsync(Orders, Batches.Of("d"))).Error);
        Assert.Equal(ErrorCode.None, (await trio[1].ProduceAsync(Orders, Batches.Of("e"), Acks.Leader)).Error);
        Assert.Equal(["a", "b"], await trio[1].ReadAllAsync(Orders));

        trio.Cut(2, isCut: false);
        trio.Cut(3, isCut: false);
        await BrokerTrio.UntilAsync(() => trio.Partition.Isr.Length == 3, "the followers do not come back");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(1).HighWatermark == 4, "what was appended meanwhile is not committed");
        Assert.Equal(["a", "b", "c", "e"], await trio[1].ReadAllAsync(Orders));
    }

    [Fact]
    public async Task What_an_old_leader_has_more_is_cut_off_by_epoch_and_replaced()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        await trio[1].StoredAsync(Orders, "a");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).HighWatermark == 1 && trio.StatusOf(3).HighWatermark == 1, "followers lack what is committed");
        trio.Cut(2);
        trio.Cut(3);
        await trio[1].ProduceAsync(Orders, Batches.Of("lost-1", "lost-2"), Acks.Leader);
        trio.Cut(1);

        // Nobody but the old leader has them, and the new one writes others in their place.
        await trio.ElectAsync(2, 2, 3);
        trio.Cut(3, isCut: false);
        Assert.Equal(ErrorCode.None, (await trio[2].ProduceAsync(Orders, Batches.Of("b"))).Error);
        trio.Cut(1, isCut: false);

        await BrokerTrio.UntilAsync(() => trio.StatusOf(1).HighWatermark == 2, "the old leader does not follow");
        Assert.Equal(2, trio.StatusOf(1).LogEndOffset);
        await BrokerTrio.UntilAsync(() => trio.Partition.Isr.Length == 3, "the old leader does not come into the ISR");
        await trio.ElectAsync(1, 1, 2, 3);
        await BrokerTrio.UntilAsync(() => trio.StatusOf(1).HighWatermark == 2, "it cannot tell what is committed");
        Assert.Equal(["a", "b"], await trio[1].ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_replica_that_was_away_has_everything_after_its_restart()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "2"), ("segment.bytes", "1048576"));
        await trio[1].StoredAsync(Orders, "a");
        var disk = await trio.StopAsync(3);
        await BrokerTrio.UntilAsync(() => trio[1].ProduceAsync(Orders, Batches.Of("b")).AsTask().Result.Error == ErrorCode.None, "two are not enough");
        for (var i = 0; i < 20; i++)
            Assert.Equal(ErrorCode.None, (await trio[1].ProduceAsync(Orders, Batches.OfSize(200_000))).Error);

        await trio.StartNodeAsync(3, disk);
        await BrokerTrio.UntilAsync(() => trio.Partition.Isr.Length == 3, "it does not come back");
        Assert.Equal(22, trio.StatusOf(3).LogEndOffset);
        Assert.Equal(ErrorCode.None, (await trio[1].ProduceAsync(Orders, Batches.Of("last"))).Error);
        Assert.Equal(23, trio.StatusOf(3).LogEndOffset);
    }

    [Fact]
    public async Task A_follower_takes_no_records_from_clients_and_its_leader_none_from_the_past()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync();

        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await trio[2].ProduceAsync(Orders, Batches.Of("a"))).Error);
        using var stranger = trio[1].OpenReplicaSession(7, 99);
        stranger.Move(new() { TopicId = Guid.NewGuid(), Partition = 0, LeaderEpoch = 0, FetchOffset = 0, LastFetchedEpoch = -1, LogStartOffset = 0, MaxBytes = 1 });
        using var answered = await stranger.FetchAsync(1000, 1, CancellationToken.None);
        Assert.Equal(ErrorCode.UnknownTopicId, answered.Answers.Single().Error);
    }

    [Fact]
    public async Task Whoever_fetches_from_one_broker_asks_nothing_once_another_leads()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync();
        trio.Cut(3);
        await BrokerTrio.UntilAsync(() => trio.FollowedBy(3).TryNextFetch(1, 1024, out _), "it cannot ask its leader");

        await trio.ElectAsync(2, 1, 2, 3);

        // An answer that nobody takes would leave the replica waiting for good.
        Assert.False(trio.FollowedBy(3).TryNextFetch(1, 1024, out _));
        Assert.True(trio.FollowedBy(3).TryNextFetch(2, 1024, out var position));
        Assert.Equal(1, position.LeaderEpoch);
    }
}

using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Replication;
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
    public async Task A_cut_that_a_full_disk_does_not_let_begin_waits_until_there_is_room()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        trio.Cut(2);
        await trio[1].StoredAsync(Orders, "a", "b", "c");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).HighWatermark == 3, "a follower lacks what is committed");
        Assert.True(trio.DirectoryOf(3).WriteHighWatermarks());
        trio.Cut(3);

        // An unclean election: the new leader has nothing of what the third broker's checkpoint calls committed, and that cannot be written anew.
        await trio.ElectAsync(2, 2);
        await trio[2].StoredAsync(Orders, "other");
        var disk = trio.DiskOf(3);
        disk.CapacityBytes = disk.UsedBytes;
        var answers = trio.AnswersTakenBy(3);
        trio.Cut(3, isCut: false);
        await BrokerTrio.UntilAsync(() => trio.AnswersTakenBy(3) >= answers + 3, "it is not told again where to go back to");
        Assert.Equal(3, trio.StatusOf(3).LogEndOffset);

        disk.CapacityBytes = long.MaxValue;
        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).HighWatermark == 1, "it does not go on when there is room");
        Assert.Equal(1, trio.StatusOf(3).LogEndOffset);
        Assert.Equal(DirectoryHealth.Online, trio.DirectoryOf(3).Health);
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

        // Not a fixed number: what is answered too late is sent again.
        var end = trio.StatusOf(1).LogEndOffset;
        Assert.Equal(end, trio.StatusOf(3).LogEndOffset);
        Assert.Equal(ErrorCode.None, (await trio[1].ProduceAsync(Orders, Batches.Of("last"))).Error);
        Assert.Equal(end + 1, trio.StatusOf(3).LogEndOffset);
    }

    [Fact]
    public async Task A_follower_whose_records_rot_leaves_the_isr_fetches_them_anew_and_comes_back()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "2"));
        for (var i = 0; i < 5; i++)
            await trio[1].StoredAsync(Orders, $"record-{i}");

        trio.LogOf(3, log => log[log.AsSpan().IndexOf("record-2"u8)] ^= 1);
        var changes = trio.IsrChanges;
        Assert.NotNull(BrokerTrio.Scrub(trio.PartitionOn(3)));

        await BrokerTrio.UntilAsync(() => trio.IsrChanges == changes + 2, "it does not leave the ISR with what it lost, or does not come back");
        Assert.Equal(3, trio.Partition.Isr.Length);
        Assert.Equal(5, trio.StatusOf(3).LogEndOffset);
        Assert.Empty(trio.PartitionOn(3).Log.Damage);
        Assert.Null(BrokerTrio.Scrub(trio.PartitionOn(3)));
        await trio.ElectAsync(3, 1, 2, 3);
        Assert.Equal(["record-0", "record-1", "record-2", "record-3", "record-4"], await trio[3].ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_follower_that_finds_damage_while_it_waits_for_news_asks_for_what_it_lost_when_there_are_some()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        for (var i = 0; i < 3; i++)
            await trio[1].StoredAsync(Orders, $"record-{i}");

        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).HighWatermark == 3, "a follower lacks what is committed");
        trio.Cut(3);
        await trio.ElectAsync(2, 1, 2, 3);
        var asked = default(ReplicaPosition);
        await BrokerTrio.UntilAsync(() => trio.FollowedBy(3).TryNextFetch(2, 1 << 20, out asked), "it does not fetch");
        trio.LogOf(3, log => log[log.AsSpan().IndexOf("record-2"u8)] ^= 1);
        Assert.NotNull(BrokerTrio.Scrub(trio.PartitionOn(3)));

        var stillAsked = await trio.FollowedBy(3).TakeAsync(asked, new ReplicaAnswer
        {
            TopicId = asked.TopicId,
            Partition = asked.Partition,
            AskedLeaderEpoch = asked.LeaderEpoch,
            AskedOffset = asked.FetchOffset,
            HighWatermark = 3,
            LogStartOffset = 0,
            LogEndOffset = -1,
        });

        Assert.False(stillAsked);
        await BrokerTrio.UntilAsync(() => trio.FollowedBy(3).TryNextFetch(2, 1 << 20, out asked), "it does not fetch");
        Assert.Equal(2, asked.FetchOffset);
    }

    [Fact]
    public async Task A_leader_whose_records_rot_lets_another_lead_and_fetches_them_anew_from_it()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "2"));
        for (var i = 0; i < 5; i++)
            await trio[1].StoredAsync(Orders, $"record-{i}");

        trio.LogOf(1, log => log[log.AsSpan().IndexOf("record-2"u8)] ^= 1);
        Assert.NotNull(BrokerTrio.Scrub(trio.PartitionOn(1)));

        await BrokerTrio.UntilAsync(() => trio.Partition.Leader != 1 && trio.Partition.Isr.Length == 3, "it goes on leading, or does not come back");
        Assert.Null(BrokerTrio.Scrub(trio.PartitionOn(1)));
        await trio.ElectAsync(1, 1, 2, 3);
        await BrokerTrio.UntilAsync(() => trio.StatusOf(1).HighWatermark == 5, "it cannot tell what is committed");
        Assert.Equal(["record-0", "record-1", "record-2", "record-3", "record-4"], await trio[1].ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_follower_that_comes_back_without_the_end_of_what_was_committed_fetches_it_anew()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        for (var i = 0; i < 5; i++)
            await trio[1].StoredAsync(Orders, $"record-{i}");

        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).HighWatermark == 5, "it does not hear what is committed");
        var path = trio.PartitionOn(3).Log.Directory;
        var disk = await trio.StopAsync(3);
        var segment = disk.Files(path).Single(file => file.EndsWith(".log", StringComparison.Ordinal));
        disk.WriteAll(segment, disk.ReadAll(segment)[..^100]);
        var changes = trio.IsrChanges;
        await trio.StartNodeAsync(3, disk);

        await BrokerTrio.UntilAsync(() => trio.IsrChanges == changes + 2, "it does not leave the ISR with what it lost, or does not come back");
        Assert.Equal(3, trio.Partition.Isr.Length);
        Assert.Empty(trio.PartitionOn(3).Log.Damage);
        await trio.ElectAsync(3, 1, 2, 3);
        Assert.Equal(["record-0", "record-1", "record-2", "record-3", "record-4"], await trio[3].ReadAllAsync(Orders));
    }

    [Fact]
    public async Task Records_count_as_deleted_when_all_replicas_that_are_alive_have_deleted_them()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync();
        await trio[1].StoredAsync(Orders, "a", "b", "c");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).HighWatermark == 3 && trio.StatusOf(3).HighWatermark == 3, "followers lack what is committed");
        trio.Cut(3);
        var deleting = trio[1].DeleteRecordsAsync([new(Orders, 1)]).AsTask();
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).LogStartOffset == 1, "a follower does not hear of it");
        Assert.Equal([new DeleteRecordsResult(ErrorCode.RequestTimedOut, -1)], await trio[1].DeleteRecordsAsync([new(Orders, 1, TimeoutMs: 0)]));
        Assert.False(deleting.IsCompleted);

        trio.Cut(3, isCut: false);
        Assert.Equal([new DeleteRecordsResult(ErrorCode.None, 1)], await deleting);
        Assert.Equal(1, trio.StatusOf(3).LogStartOffset);

        // Nobody waits for a broker that is not there.
        await trio.FenceAsync(3);
        trio.Cut(3);
        Assert.Equal([new DeleteRecordsResult(ErrorCode.None, 2)], await trio[1].DeleteRecordsAsync([new(Orders, 2)]));
    }

    [Fact]
    public async Task A_follower_that_asked_a_moment_before_its_leader_led_and_lacks_nothing_joins_the_isr()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        await trio[1].StoredAsync(Orders, "a");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).HighWatermark == 1, "a follower lacks what is committed");
        trio.Cut(3);
        await trio.ElectAsync(2, 1, 2);
        var position = default(ReplicaPosition);
        await BrokerTrio.UntilAsync(() => trio.FollowedBy(3).TryNextFetch(2, 1 << 20, out position), "it does not fetch");

        using var session = trio.OpenSession(leader: 1, follower: 3);
        session.Move(position with { LeaderEpoch = position.LeaderEpoch + 1 });
        await trio.ElectAsync(1, 1, 2);
        using var result = await session.FetchAsync(maxWaitMs: 0, 1 << 20, CancellationToken.None);

        var answer = Assert.Single(result.Answers);
        Assert.Equal((ErrorCode.None, 0), (answer.Error, answer.Records.Length));
        await BrokerTrio.UntilAsync(() => trio.Partition.Isr.Length == 3, "it is overlooked");
    }

    [Fact]
    public async Task What_is_committed_goes_with_the_next_records_and_alone_when_none_come()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        var (second, third) = (await FollowByHandAsync(2), await FollowByHandAsync(3));
        using (second.Session)
        using (third.Session)
        {
            await StoreAsync("a");
            Assert.Empty(await FetchAsync(third.Session, maxWaitMs: 0));

            await StoreAsync("b");
            Assert.Empty(await FetchAsync(third.Session, maxWaitMs: 0));
            var alone = Assert.Single(await FetchAsync(third.Session, maxWaitMs: 600_000));
            Assert.Equal((2, 0), (alone.HighWatermark, alone.Records.Length));
            Assert.Empty(await FetchAsync(third.Session, maxWaitMs: 0));
        }

        async Task<(ReplicaFetchSession Session, ReplicaPosition Start)> FollowByHandAsync(int follower)
        {
            trio.Cut(follower);
            var position = default(ReplicaPosition);
            await BrokerTrio.UntilAsync(() => trio.FollowedBy(follower).TryNextFetch(1, 1 << 20, out position), "it does not fetch");
            var session = trio.OpenSession(leader: 1, follower);
            session.Move(position);
            await FetchAsync(session, maxWaitMs: 0);
            return (session, position);
        }

        // Both get it, with what was committed before, and both have it.
        async Task StoreAsync(string value)
        {
            var before = trio.StatusOf(1).HighWatermark;
            var storing = trio[1].StoredAsync(Orders, value);
            foreach (var (session, start) in new[] { second, third })
            {
                var answer = Assert.Single(await FetchAsync(session, maxWaitMs: 600_000));
                Assert.Equal((before, false), (answer.HighWatermark, answer.Records.IsEmpty));
                session.Move(start with { FetchOffset = before + 1, LastFetchedEpoch = start.LeaderEpoch });
            }

            await storing;
            Assert.Equal(before + 1, trio.StatusOf(1).HighWatermark);
        }

        static async Task<ReplicaAnswer[]> FetchAsync(ReplicaFetchSession session, int maxWaitMs)
        {
            using var result = await session.FetchAsync(maxWaitMs, 1 << 20, CancellationToken.None);
            return [.. result.Answers];
        }
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

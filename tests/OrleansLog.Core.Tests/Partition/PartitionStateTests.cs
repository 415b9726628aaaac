using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Partition;

public sealed class PartitionStateTests
{
    [Theory]
    [InlineData(PartitionFixture.Local, ErrorCode.OffsetOutOfRange)]
    [InlineData(2, ErrorCode.OffsetNotAvailable)]
    public void An_epoch_that_nobody_has_is_out_of_range_at_the_leader_and_unknown_at_a_follower(int leader, ErrorCode expected)
    {
        var partition = new PartitionFixture(isr: [1, 2], logEnd: 10, lead: false);
        partition.Lead(epoch: 0, isr: [1, 2], leader: leader);
        Assert.Equal(expected, partition.State.CheckHistory(3, 10, new TestHistory(), out var diverging));
        Assert.Null(diverging);
    }

    [Fact]
    public void A_consumer_is_sent_only_to_a_replica_of_its_rack_that_is_in_sync_and_has_what_it_wants()
    {
        var partition = new PartitionFixture(isr: [1, 2], replicas: [1, 2, 3]);
        foreach (var (broker, rack) in new[] { (1, "a"), (2, "b"), (3, "c") })
            partition.Eligible.Racks[broker] = rack;
        partition.Append("records", records: 5);
        partition.Fetch(2, 4);
        partition.Fetch(3, 5);

        // Not before it has told where its log starts.
        Assert.Equal(-1, partition.State.PreferredReadReplica("b", 4));
        Assert.True(partition.State.FollowerStarts(2, 1));
        Assert.True(partition.State.FollowerStarts(3, 0));
        Assert.Equal(2, partition.State.PreferredReadReplica("b", 4));
        Assert.Equal(-1, partition.State.PreferredReadReplica("b", 5));
        Assert.Equal(-1, partition.State.PreferredReadReplica("b", 0));
        Assert.Equal(-1, partition.State.PreferredReadReplica("a", 4));
        Assert.Equal(-1, partition.State.PreferredReadReplica("c", 4));
    }

    [Fact]
    public void With_one_replica_the_high_watermark_follows_the_append_at_once()
    {
        var partition = new PartitionFixture();

        Assert.True(partition.Append("a", records: 3));

        Assert.Equal(3, partition.State.HighWatermark);
        Assert.True(partition.Decisions.HighWatermarkAdvanced);
    }

    [Fact]
    public void Under_the_ack_policy_nothing_counts_before_it_is_durable()
    {
        var partition = new PartitionFixture(ackPolicy: true);

        Assert.False(partition.Append("a", acks: AckLevel.Leader));
        Assert.False(partition.Append("b"));
        Assert.Equal(0, partition.State.HighWatermark);
        Assert.Empty(partition.TakeAnswers());

        partition.State.BecameDurable(1, partition.Decisions);
        Assert.Equal([("a", ErrorCode.None)], partition.TakeAnswers());

        partition.State.BecameDurable(2, partition.Decisions);
        Assert.Equal([("b", ErrorCode.None)], partition.TakeAnswers());
        Assert.Equal(2, partition.State.HighWatermark);
    }

    [Fact]
    public void Acks_none_never_waits() => Assert.True(new PartitionFixture(ackPolicy: true).Append("a", acks: AckLevel.None));

    [Fact]
    public void A_change_to_the_ack_policy_holds_new_acknowledgements_and_keeps_the_high_watermark()
    {
        var partition = new PartitionFixture();
        partition.Append("a");
        partition.State.Configure(1, countsOnlyDurable: true, partition.Decisions);
        Assert.Equal(1, partition.State.HighWatermark);

        Assert.False(partition.Append("b"));
        partition.State.Configure(1, countsOnlyDurable: false, partition.Decisions);
        Assert.Equal([("b", ErrorCode.None)], partition.TakeAnswers());
    }

    [Fact]
    public void Acks_all_waits_for_every_replica_in_sync_and_acks_leader_does_not()
    {
        var partition = new PartitionFixture(isr: [1, 2, 3]);

        Assert.True(partition.Append("leader", acks: AckLevel.Leader));
        Assert.False(partition.Append("all"));
        partition.State.FollowerStored(2, 2, partition.Decisions);
        Assert.Equal(0, partition.State.HighWatermark);

        partition.State.FollowerStored(3, 1, partition.Decisions);
        Assert.Equal(1, partition.State.HighWatermark);
        Assert.Empty(partition.TakeAnswers());

        partition.State.FollowerStored(3, 2, partition.Decisions);
        Assert.Equal([("all", ErrorCode.None)], partition.TakeAnswers());
    }

    [Fact]
    public void Too_few_replicas_in_sync_refuse_acks_all_before_the_append_and_hold_the_high_watermark()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2, 3], minIsr: 2);

        Assert.Equal(ErrorCode.NotEnoughReplicas, partition.State.CheckProduce(AckLevel.All, -1));
        Assert.Equal(ErrorCode.None, partition.State.CheckProduce(AckLevel.Leader, -1));
        partition.Append("a", acks: AckLevel.Leader);
        Assert.Equal(0, partition.State.HighWatermark);
    }

    [Fact]
    public void The_minimum_in_sync_is_never_more_than_there_are_replicas() =>
        Assert.Equal(ErrorCode.None, new PartitionFixture(minIsr: 3).State.CheckProduce(AckLevel.All, -1));

    [Theory]
    [InlineData(4, ErrorCode.FencedLeaderEpoch)]
    [InlineData(5, ErrorCode.None)]
    [InlineData(-1, ErrorCode.None)]
    [InlineData(6, ErrorCode.UnknownLeaderEpoch)]
    public void A_request_with_another_leader_epoch_is_told_whether_it_is_old_or_early(int epoch, ErrorCode expected)
    {
        var partition = new PartitionFixture();
        partition.Lead(epoch: 5);

        Assert.Equal(expected, partition.State.CheckProduce(AckLevel.Leader, epoch));
        Assert.Equal(expected, partition.State.CheckFetch(0, epoch));
    }

    [Fact]
    public void A_lower_leader_epoch_is_ignored()
    {
        var partition = new PartitionFixture();
        partition.Lead(epoch: 5);

        Assert.False(partition.Lead(epoch: 4, leader: 2));
        Assert.Equal(PartitionRole.Leader, partition.State.Role);
    }

    [Fact]
    public void Losing_the_leadership_answers_what_waits_and_refuses_the_rest()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a");

        partition.Lead(epoch: 1, isr: [1, 2], leader: 2);

        Assert.True(partition.Decisions.LeadershipChanged);
        Assert.Equal([("a", ErrorCode.NotLeaderOrFollower)], partition.TakeAnswers());
        Assert.Equal(ErrorCode.NotLeaderOrFollower, partition.State.CheckProduce(AckLevel.Leader, -1));
    }

    [Fact]
    public void Going_offline_answers_what_waits_with_the_reason()
    {
        var partition = new PartitionFixture(ackPolicy: true);
        partition.Append("a");

        partition.State.WentOffline(ErrorCode.KafkaStorageError, partition.Decisions);

        Assert.Equal([("a", ErrorCode.KafkaStorageError)], partition.TakeAnswers());
        Assert.Equal(ErrorCode.KafkaStorageError, partition.State.CheckFetch(0, -1));
    }

    [Fact]
    public void An_append_that_timed_out_is_not_answered_again()
    {
        var partition = new PartitionFixture(ackPolicy: true);
        partition.Append("a");
        partition.Append("b");

        Assert.True(partition.State.Withdraw("a"));
        Assert.False(partition.State.Withdraw("a"));
        partition.State.BecameDurable(2, partition.Decisions);

        Assert.Equal([("b", ErrorCode.None)], partition.TakeAnswers());
    }

    [Theory]
    [InlineData(4, ErrorCode.OffsetOutOfRange)]
    [InlineData(5, ErrorCode.None)]
    [InlineData(10, ErrorCode.None)]
    [InlineData(11, ErrorCode.OffsetOutOfRange)]
    public void A_fetch_below_the_start_or_beyond_the_end_is_out_of_range(long offset, ErrorCode expected)
    {
        var partition = new PartitionFixture(logEnd: 10);
        partition.State.LogStartMoved(5);

        Assert.Equal(expected, partition.State.CheckFetch(offset, -1));
    }

    [Fact]
    public void A_new_leader_does_not_tell_the_latest_offset_before_its_high_watermark_reached_its_epoch()
    {
        var partition = new PartitionFixture(isr: [1, 2], logEnd: 10);
        Assert.Equal(ErrorCode.OffsetNotAvailable, partition.State.CheckLatest(-1));

        partition.State.FollowerStored(2, 10, partition.Decisions);
        Assert.Equal(ErrorCode.None, partition.State.CheckLatest(-1));
    }

    [Theory]
    [InlineData(-1, 2, ErrorCode.None)]
    [InlineData(1, 1, ErrorCode.None)]
    [InlineData(3, 3, ErrorCode.OffsetOutOfRange)]
    [InlineData(-2, -2, ErrorCode.OffsetOutOfRange)]
    public void Records_are_deleted_only_below_the_high_watermark(long before, long expectedStart, ErrorCode expected)
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a", records: 3);
        partition.State.FollowerStored(2, 2, partition.Decisions);

        Assert.Equal(expected, partition.State.CheckDeleteRecords(before, out var start));
        Assert.Equal(expectedStart, start);
    }

    [Fact]
    public void Committed_bytes_count_what_the_high_watermark_passed()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a", bytes: 10);
        partition.Append("b", bytes: 20);
        Assert.Equal(0, partition.State.CommittedBytes);

        partition.State.FollowerStored(2, 1, partition.Decisions);
        Assert.Equal(10, partition.State.CommittedBytes);
        partition.State.FollowerStored(2, 2, partition.Decisions);
        Assert.Equal(30, partition.State.CommittedBytes);
    }

    [Fact]
    public void A_follower_that_claims_more_than_the_log_has_is_not_believed()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a");

        partition.State.FollowerStored(2, 5, partition.Decisions);

        Assert.Equal(0, partition.State.HighWatermark);
    }

    [Fact]
    public void What_is_not_committed_for_long_takes_a_bounded_memory_and_is_all_counted_in_the_end()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2], minIsr: 2);
        for (var i = 0; i < 5_000; i++)
            Assert.True(partition.Append($"{i}", acks: AckLevel.Leader));
        Assert.Equal((0, 0), (partition.State.HighWatermark, partition.State.CommittedBytes));

        partition.Fetch(2, 3_000);
        partition.State.IsrChangeAnswered(partition.Decisions.IsrChange!, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        Assert.Equal(3_000, partition.State.HighWatermark);
        Assert.InRange(partition.State.CommittedBytes, 1, 300_000);
        partition.Append("last", acks: AckLevel.Leader);
        partition.Fetch(2, 5_001);
        Assert.Equal((5_001, 500_100), (partition.State.HighWatermark, partition.State.CommittedBytes));
    }

    [Fact]
    public void Appends_that_gave_up_waiting_leave_nothing_behind_before_their_offset_is_reached()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        Assert.False(partition.Append("stays"));
        for (var i = 0; i < 1_000; i++)
        {
            var ticket = $"{i}";
            Assert.False(partition.Append(ticket));
            Assert.True(partition.State.Withdraw(ticket));
        }

        Assert.InRange(partition.State.PendingAckCount, 1, 10);
        partition.Fetch(2, 1_001);
        Assert.Equal([("stays", ErrorCode.None)], partition.TakeAnswers());
    }
}

using OrleansLog.Core.Partition;
using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Core.Tests.Partition;

public sealed class IsrTests
{
    [Fact]
    public void A_follower_that_lags_for_too_long_is_asked_out_once_and_counts_until_that_is_persisted()
    {
        var partition = new PartitionFixture(isr: [1, 2, 3], minIsr: 2);
        partition.State.CheckIsr(0, partition.Decisions);
        Assert.False(partition.Append("a"));
        partition.Fetch(2, 1, now: 30_000);
        partition.State.CheckIsr(30_000, partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);

        partition.State.CheckIsr(30_001, partition.Decisions);
        var asked = partition.Decisions.IsrChange!;
        Assert.Equal([1, 2], asked.NewIsr.Select(member => member.BrokerId));
        Assert.Empty(partition.TakeAnswers());
        partition.State.CheckIsr(40_000, partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);

        partition.State.IsrChangeAnswered(asked, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        Assert.Equal([("a", ErrorCode.None)], partition.TakeAnswers());
        Assert.Null(partition.State.PendingIsrChange);
    }

    [Fact]
    public void A_follower_that_had_everything_at_its_previous_fetch_was_caught_up_then()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.State.CheckIsr(0, partition.Decisions);
        partition.Append("a", records: 5);
        partition.Fetch(2, 0, now: 20_000);
        partition.Append("b", records: 5);
        partition.Fetch(2, 5, now: 25_000);

        partition.State.CheckIsr(50_000, partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);
        partition.State.CheckIsr(50_001, partition.Decisions);
        Assert.NotNull(partition.Decisions.IsrChange);
    }

    [Fact]
    public void A_member_that_says_what_it_lost_is_asked_out_at_once_and_one_whose_older_fetch_comes_late_is_not()
    {
        var partition = new PartitionFixture(isr: [1, 2, 3]);
        partition.Append("a", records: 5);
        partition.Fetch(2, 5);
        partition.Fetch(3, 5);
        Assert.Equal([("a", ErrorCode.None)], partition.TakeAnswers());

        partition.Fetch(3, 3);
        Assert.Null(partition.Decisions.IsrChange);
        partition.Fetch(3, 4, lost: true);
        var asked = partition.Decisions.IsrChange!;
        Assert.Equal([1, 2], asked.NewIsr.Select(member => member.BrokerId));
        Assert.Equal<int>([3], asked.Lost);
        Assert.Equal(5, partition.State.HighWatermark);

        partition.State.IsrChangeAnswered(asked, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        partition.Decisions.Clear();
        partition.Fetch(3, 5);
        Assert.Equal([1, 2, 3], partition.Decisions.IsrChange!.NewIsr.Select(member => member.BrokerId));
    }

    [Fact]
    public void Who_may_be_elected_though_it_is_out_of_the_isr_and_has_lost_records_is_told_of()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a", records: 5);
        partition.Fetch(2, 5);
        partition.Eligible.Barred.Add(2);
        partition.State.Apply(partition.Persisted(1) with { Elr = [2] }, partition.Decisions);
        partition.Decisions.Clear();

        partition.Fetch(2, 3, lost: true);
        var asked = partition.Decisions.IsrChange!;
        Assert.Equal([1], asked.NewIsr.Select(member => member.BrokerId));
        Assert.Equal<int>([2], asked.Lost);

        // Not again, once it is known.
        partition.State.IsrChangeAnswered(asked, ErrorCode.None, partition.Persisted(1) with { Elr = [] }, partition.Decisions);
        partition.Decisions.Clear();
        partition.Fetch(2, 3, lost: true);
        Assert.Null(partition.Decisions.IsrChange);
    }

    [Fact]
    public void A_leader_whose_records_are_damaged_resigns_as_soon_as_another_is_in_sync()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2], logEnd: 5);
        partition.State.Resign(partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);

        partition.Fetch(2, 5);
        var joining = partition.Decisions.IsrChange!;
        Assert.Equal([1, 2], joining.NewIsr.Select(member => member.BrokerId));
        partition.Decisions.Clear();
        partition.State.IsrChangeAnswered(joining, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        var resigning = partition.Decisions.IsrChange!;
        Assert.Equal([2], resigning.NewIsr.Select(member => member.BrokerId));
        Assert.Equal<int>([1], resigning.Lost);

        // What it was is over with its leadership.
        partition.Lead(1, isr: [2], replicas: [1, 2], leader: 2);
        partition.Lead(2, isr: [1, 2], replicas: [1, 2]);
        partition.Decisions.Clear();
        partition.Fetch(2, 5);
        Assert.Null(partition.Decisions.IsrChange);
    }

    [Fact]
    public void Who_lost_records_while_another_change_was_under_way_is_asked_out_after_it()
    {
        var partition = new PartitionFixture(isr: [1, 2], replicas: [1, 2, 3]);
        partition.Append("a", records: 5);
        partition.Fetch(2, 5);
        partition.Fetch(3, 5);
        var joining = partition.Decisions.IsrChange!;
        partition.Decisions.Clear();
        partition.Fetch(2, 1, lost: true);
        Assert.Null(partition.Decisions.IsrChange);

        partition.State.IsrChangeAnswered(joining, ErrorCode.None, partition.Persisted(1, 2, 3), partition.Decisions);
        Assert.Equal([1, 3], partition.Decisions.IsrChange!.NewIsr.Select(member => member.BrokerId));
    }

    [Fact]
    public void Who_reaches_the_high_watermark_and_the_epochs_start_is_asked_in_and_counts_at_once()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2], logEnd: 10);
        partition.Fetch(2, 9);
        Assert.Null(partition.Decisions.IsrChange);

        partition.Fetch(2, 10);
        var asked = partition.Decisions.IsrChange!;
        Assert.Equal([new(1, -1), new(2, 7)], asked.NewIsr.ToArray());
        Assert.False(partition.Append("a"));
        Assert.Equal(10, partition.State.HighWatermark);

        partition.Fetch(2, 11);
        Assert.Equal([("a", ErrorCode.None)], partition.TakeAnswers());
    }

    [Fact]
    public void Who_came_while_another_one_was_asked_in_or_barred_is_asked_for_later_though_it_fetches_nothing_more()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2, 3, 4], logEnd: 10);
        partition.Eligible.Barred.Add(4);
        partition.Fetch(2, 10);
        var first = partition.Decisions.IsrChange!;
        partition.Fetch(3, 10);
        partition.Fetch(4, 10);
        Assert.Same(first, partition.State.PendingIsrChange);

        partition.Decisions.Clear();
        partition.State.IsrChangeAnswered(first, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        var second = partition.Decisions.IsrChange!;
        Assert.Equal([1, 2, 3], second.NewIsr.Select(member => member.BrokerId));

        partition.Decisions.Clear();
        partition.State.IsrChangeAnswered(second, ErrorCode.None, partition.Persisted(1, 2, 3), partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);
        partition.Eligible.Barred.Clear();
        partition.State.EligibilityChanged(partition.Decisions);
        Assert.Equal([1, 2, 3, 4], partition.Decisions.IsrChange!.NewIsr.Select(member => member.BrokerId));
    }

    [Fact]
    public void Who_came_before_a_member_told_its_epoch_is_asked_for_when_that_does()
    {
        var partition = new PartitionFixture(isr: [1, 2], replicas: [1, 2, 3], logEnd: 10);
        partition.Fetch(3, 10);
        Assert.Null(partition.Decisions.IsrChange);

        partition.Fetch(2, 10);
        Assert.Equal([new(1, -1), new(2, 7), new(3, 7)], partition.Decisions.IsrChange!.NewIsr.ToArray());
    }

    [Fact]
    public void Who_was_put_out_for_its_lag_does_not_come_back_before_it_fetches()
    {
        var partition = new PartitionFixture(isr: [1, 2, 3], minIsr: 2);
        partition.State.CheckIsr(0, partition.Decisions);
        partition.Fetch(2, 0);
        partition.Fetch(3, 0);
        partition.Append("a");
        partition.Fetch(2, 1, now: 30_000);
        partition.State.CheckIsr(30_001, partition.Decisions);

        // It has what is committed, as nothing was since.
        var asked = partition.Decisions.IsrChange!;
        Assert.Equal([1, 2], asked.NewIsr.Select(member => member.BrokerId));
        partition.Decisions.Clear();
        partition.State.IsrChangeAnswered(asked, ErrorCode.None, partition.Persisted(1, 2), partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);
        partition.State.CheckIsr(45_000, partition.Decisions);
        Assert.Null(partition.Decisions.IsrChange);
    }

    [Fact]
    public void Who_is_behind_the_start_of_the_leader_epoch_does_not_join()
    {
        var partition = new PartitionFixture(isr: [1, 3], replicas: [1, 2, 3], logEnd: 10);
        Assert.Equal(0, partition.State.HighWatermark);
        partition.Fetch(3, 0);
        partition.Fetch(2, 9);
        Assert.Null(partition.Decisions.IsrChange);
        partition.Fetch(2, 10);
        Assert.NotNull(partition.Decisions.IsrChange);
    }

    [Fact]
    public void Who_is_barred_or_of_another_broker_epoch_does_not_join()
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2, 3]);
        partition.Eligible.Barred.Add(2);
        partition.Fetch(2, 0);
        partition.Fetch(3, 0, epoch: 6);
        Assert.Null(partition.Decisions.IsrChange);
    }

    [Fact]
    public void Under_the_ack_policy_a_follower_counts_by_what_is_durable()
    {
        var partition = new PartitionFixture(isr: [1, 2], ackPolicy: true);
        partition.Append("a", records: 2);
        partition.State.BecameDurable(2, partition.Decisions);
        partition.Fetch(2, 2, stored: 1);
        Assert.Equal(1, partition.State.HighWatermark);
        partition.Fetch(2, 2, stored: 2);
        Assert.Equal(2, partition.State.HighWatermark);
    }

    [Theory]
    [InlineData(ErrorCode.IneligibleReplica, true, false)]
    [InlineData(ErrorCode.OperationNotAttempted, true, false)]
    [InlineData(ErrorCode.FencedLeaderEpoch, false, false)]
    [InlineData(ErrorCode.InvalidUpdateVersion, false, false)]
    [InlineData(ErrorCode.InvalidRequest, false, false)]
    [InlineData(ErrorCode.UnknownTopicOrPartition, false, false)]
    [InlineData(ErrorCode.UnknownTopicId, false, false)]
    [InlineData(ErrorCode.NewLeaderElected, false, false)]
    [InlineData(ErrorCode.NotController, false, true)]
    [InlineData(ErrorCode.StaleBrokerEpoch, false, true)]
    [InlineData(ErrorCode.RequestTimedOut, false, true)]
    public void Only_a_change_that_will_not_happen_is_taken_back(ErrorCode error, bool isTakenBack, bool isAskedAgain)
    {
        var partition = new PartitionFixture(isr: [1], replicas: [1, 2]);
        partition.Fetch(2, 0);
        var asked = partition.Decisions.IsrChange!;
        partition.Eligible.Barred.Add(2);
        Assert.False(partition.Append("a"));
        partition.Decisions.Clear();

        partition.State.IsrChangeAnswered(asked, error, null, partition.Decisions);

        Assert.Equal(isTakenBack ? 1 : 0, partition.State.HighWatermark);
        Assert.Equal(isTakenBack, partition.State.PendingIsrChange is null);
        Assert.Equal(isAskedAgain, partition.Decisions.IsrChange is not null);
    }

    [Fact]
    public void Appends_that_wait_fail_when_the_isr_becomes_too_small()
    {
        var partition = new PartitionFixture(isr: [1, 2], replicas: [1, 2], minIsr: 2);
        partition.Append("a");
        partition.Lead(0, isr: [1], replicas: [1, 2]);
        Assert.Equal([("a", ErrorCode.NotEnoughReplicasAfterAppend)], partition.TakeAnswers());
        Assert.Equal(0, partition.State.HighWatermark);
    }

    [Fact]
    public void A_fetch_of_an_older_broker_epoch_or_beyond_the_log_says_nothing()
    {
        var partition = new PartitionFixture(isr: [1, 2]);
        partition.Append("a");
        partition.Fetch(2, 0, epoch: 7);
        partition.Fetch(2, 1, epoch: 6);
        partition.Fetch(2, 2, epoch: 7);
        Assert.Equal(0, partition.State.HighWatermark);
    }

    [Fact]
    public void A_replica_fetch_is_checked_for_epochs_assignment_and_history()
    {
        var partition = new PartitionFixture(isr: [1, 2], logEnd: 10);
        partition.Lead(epoch: 5, isr: [1, 2]);
        var history = new TestHistory((1, 0), (3, 4), (5, 10));
        partition.Fetch(2, 10);

        Assert.Equal(ErrorCode.FencedLeaderEpoch, Check(2, 7, 4, 3, 10, out _));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, Check(2, 7, 6, 3, 10, out _));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, Check(9, 7, 5, 3, 10, out _));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, Check(2, 6, 5, 3, 10, out _));
        Assert.Equal(ErrorCode.OffsetOutOfRange, Check(2, 7, 5, 6, 10, out _));
        Assert.Equal(ErrorCode.OffsetOutOfRange, Check(2, 7, 5, -1, 11, out _));
        Assert.Equal(ErrorCode.None, Check(2, 7, 5, 3, 10, out var none));
        Assert.Null(none);
        Assert.Equal(ErrorCode.None, Check(2, 7, 5, 2, 4, out var lacksEpoch));
        Assert.Equal(new DivergingEpoch(1, 4), lacksEpoch);
        Assert.Equal(ErrorCode.None, Check(2, 7, 5, 1, 5, out var tooLong));
        Assert.Equal(new DivergingEpoch(1, 4), tooLong);

        ErrorCode Check(int broker, long brokerEpoch, int epoch, int last, long offset, out DivergingEpoch? diverging) =>
            partition.State.CheckReplicaFetch(broker, brokerEpoch, epoch, last, offset, history, out diverging);
    }

    [Fact]
    public void A_follower_answers_consumers_up_to_its_own_high_watermark()
    {
        var partition = new PartitionFixture(logEnd: 10, lead: false);
        partition.Lead(epoch: 1, isr: [1, 2], leader: 2);
        partition.State.LeaderCommitted(8, partition.Decisions);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, partition.State.CheckFetch(8, -1));
        Assert.Equal(ErrorCode.None, partition.State.CheckFetch(8, -1, allowsFollower: true));
        Assert.Equal(ErrorCode.OffsetNotAvailable, partition.State.CheckFetch(9, -1, allowsFollower: true));
        partition.State.LeaderCommitted(20, partition.Decisions);
        Assert.Equal(10, partition.State.HighWatermark);
    }

    [Fact]
    public void Fetches_and_appends_allocate_nothing()
    {
        var partition = new PartitionFixture(isr: [1, 2, 3]);
        Assert.Equal(0, Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                partition.Decisions.Clear();
                var end = partition.State.LogEndOffset + 1;
                partition.State.Appended(end, 100, partition.Decisions);
                partition.State.MustWait(end, AckLevel.All, "a");
                partition.Fetch(2, end, now: i);
                partition.Fetch(3, end, now: i);
            }
        }));
        Assert.Equal(partition.State.LogEndOffset, partition.State.HighWatermark);
    }
}

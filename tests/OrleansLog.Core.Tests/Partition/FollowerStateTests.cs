using CsCheck;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Partition;

public sealed class FollowerStateTests
{
    private readonly FollowerDecisions _decisions = new();

    [Fact]
    public void Its_high_watermark_is_the_leaders_as_far_as_its_own_log_goes()
    {
        var follower = Following(end: 5);
        Reply(follower, highWatermark: 8, bytes: 100);
        Assert.True(_decisions.Append);
        Assert.Equal(5, follower.HighWatermark);
        Assert.False(follower.CanFetch);

        follower.Appended(7, _decisions);
        Assert.Equal(7, follower.HighWatermark);
        Assert.Equal(7, follower.NextFetch().FetchOffset);
    }

    [Fact]
    public void An_unclean_leader_that_ends_below_cuts_it_and_one_that_starts_above_empties_it()
    {
        var follower = Following(end: 10);
        Reply(follower, ErrorCode.OffsetOutOfRange, start: 0, end: 6);
        Assert.Equal(6, _decisions.TruncateTo);
        follower.Truncated(6);

        Reply(follower, ErrorCode.OffsetOutOfRange, start: 20, end: 30);
        Assert.Equal(20, _decisions.RestartAt);
        follower.Restarted(20);
        Assert.Equal(20, follower.NextFetch().FetchOffset);
    }

    [Fact]
    public void A_change_of_the_log_that_failed_is_asked_for_again_after_a_pause()
    {
        var follower = Following(end: 5);
        Reply(follower, highWatermark: 8, bytes: 100);
        Assert.False(follower.CanFetch);

        follower.ChangeFailed(_decisions);
        Assert.Equal(1000, _decisions.BackOffMs);
        Assert.Equal(5, follower.NextFetch().FetchOffset);
    }

    [Fact]
    public void A_damaged_follower_asks_from_the_damage_on_and_goes_back_there_once_it_is_out_of_the_isr()
    {
        var follower = Following(end: 10);
        var before = follower.NextFetch();
        follower.Damaged(8);
        follower.Damaged(6);
        follower.Damaged(7);

        // What it asked before is not waited for, and nothing is appended behind the damage.
        Assert.Equal(6, follower.NextFetch().FetchOffset);
        follower.Fetched(new(before, ErrorCode.None, null, 12, 0, -1, 100), _decisions);
        Assert.False(_decisions.Append);
        follower.Repair(isTrusted: true, _decisions);
        Assert.Null(_decisions.TruncateTo);

        follower.Repair(isTrusted: false, _decisions);
        Assert.Equal(6, _decisions.TruncateTo);
        Assert.False(follower.CanFetch);
        follower.Truncated(6);
        _decisions.Clear();
        Reply(follower, highWatermark: 12, bytes: 100);
        Assert.True(_decisions.Append);
    }

    [Fact]
    public void What_a_damaged_follower_is_answered_changes_nothing()
    {
        var follower = Following(end: 10);
        follower.Damaged(6);

        Reply(follower, ErrorCode.OffsetOutOfRange, start: 0, end: 3);
        Assert.Null(_decisions.TruncateTo);
        Reply(follower, highWatermark: 12, bytes: 100);
        Assert.False(_decisions.Append);
        Assert.Equal(1000, _decisions.BackOffMs);

        follower.Damaged(99);
        Assert.Equal(6, follower.NextFetch().FetchOffset);
    }

    [Fact]
    public void Where_the_histories_part_below_the_leaders_log_start_nothing_is_kept()
    {
        var follower = Following(end: 10);
        follower.Fetched(new(follower.NextFetch(), ErrorCode.None, new DivergingEpoch(1, 6), 6, 6, 8, 0), _decisions);
        Assert.Equal(6, _decisions.RestartAt);
        Assert.Null(_decisions.TruncateTo);
        Assert.False(follower.CanFetch);
    }

    [Theory]
    [InlineData(ErrorCode.UnknownLeaderEpoch, true)]
    [InlineData(ErrorCode.NotLeaderOrFollower, true)]
    [InlineData(ErrorCode.FencedLeaderEpoch, false)]
    public void Errors_pause_and_a_fenced_epoch_waits_for_a_newer_one(ErrorCode error, bool mayFetchAgain)
    {
        var follower = Following(end: 1);
        Reply(follower, error);
        Assert.Equal(mayFetchAgain ? 1000 : 0, _decisions.BackOffMs);
        Assert.Equal(mayFetchAgain, follower.CanFetch);
        Assert.False(follower.Follow(1, 0, 1, 1, 0));
        Assert.True(follower.Follow(2, 0, 1, 1, 0));
        Assert.True(follower.CanFetch);
    }

    [Fact]
    public void An_answer_of_an_older_leader_epoch_is_ignored()
    {
        var follower = Following(end: 1);
        var asked = follower.NextFetch();
        follower.Follow(2, 0, 1, 1, 0);
        follower.Fetched(new(asked, ErrorCode.None, null, 1, 0, 1, 100), _decisions);
        Assert.False(_decisions.Append);
        Assert.Equal(0, follower.HighWatermark);
    }

    [Fact]
    public void The_leaders_log_start_is_taken_over_below_the_high_watermark()
    {
        var follower = Following(end: 10);
        Reply(follower, highWatermark: 8, start: 4);
        Assert.Equal(4, _decisions.AdvanceLogStart);
    }

    /// <summary>Both logs are arrays of epochs; they share a prefix, so that S4 holds, and part after it.</summary>
    [Fact]
    public void Histories_that_part_are_cut_to_the_common_prefix_and_no_further() =>
        Gen.Select(Epochs, Epochs, Epochs).Sample((common, leaderTail, followerTail) =>
        {
            var last = common.LastOrDefault();
            int[] leader = [.. common, .. leaderTail.Select(epoch => last + (2 * epoch) + 1)];
            int[] replica = [.. common, .. followerTail.Select(epoch => last + (2 * epoch) + 2)];
            var (leaderHistory, history) = (HistoryOf(leader), HistoryOf(replica));
            var state = new PartitionState<string>(1);
            state.Opened(0, leader.Length, leader.Length, 0);
            state.Apply(new() { LeaderId = 1, LeaderEpoch = 1000, PartitionEpoch = 0, Replicas = [1, 2], Isr = [1] }, new());
            leaderHistory.Assign(1000, leader.Length);
            var follower = new FollowerState(history);
            follower.Follow(1000, 0, replica.Length, replica.Length, 0);

            for (var round = 0; round < 100; round++)
            {
                var asked = follower.NextFetch();
                var error = state.CheckReplicaFetch(2, 1, 1000, asked.LastFetchedEpoch, asked.FetchOffset, leaderHistory, out var diverging);
                Assert.Equal(ErrorCode.None, error);
                if (diverging is null)
                {
                    Assert.Equal(common.Length, asked.FetchOffset);
                    return;
                }

                var decisions = new FollowerDecisions();
                follower.Fetched(new(asked, error, diverging, 0, 0, leader.Length, 0), decisions);
                history.TruncateTo(decisions.TruncateTo!.Value);
                follower.Truncated(decisions.TruncateTo.Value);
            }

            Assert.Fail("the histories never met");
        });

    private static Gen<int[]> Epochs => Gen.Int[0, 6].Array[0, 12].Select(epochs => epochs.Order().ToArray());

    private static TestHistory HistoryOf(int[] log)
    {
        var history = new TestHistory();
        for (var offset = 0; offset < log.Length; offset++)
            history.Assign(log[offset], offset);

        return history;
    }

    private static FollowerState Following(long end)
    {
        var follower = new FollowerState(new TestHistory((1, 0)));
        follower.Follow(1, 0, end, end, 0);
        return follower;
    }

    private void Reply(FollowerState follower, ErrorCode error = ErrorCode.None, long highWatermark = 0, long start = -1, long end = -1, int bytes = 0)
    {
        _decisions.Clear();
        follower.Fetched(new(follower.NextFetch(), error, null, highWatermark, start, end, bytes), _decisions);
    }
}

using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

public class GroupJoinTests
{
    [Theory]
    [InlineData(5_999, ErrorCode.InvalidSessionTimeout)]
    [InlineData(6_000, ErrorCode.None)]
    [InlineData(1_800_000, ErrorCode.None)]
    [InlineData(1_800_001, ErrorCode.InvalidSessionTimeout)]
    public void A_session_timeout_must_be_within_bounds(int sessionMs, ErrorCode expected)
    {
        var group = new GroupFixture();
        group.Join("j", JoinCallOf("") with { SessionTimeoutMs = sessionMs });
        Assert.Equal(expected, group.Joined("j").Error);
    }

    [Fact]
    public void A_member_id_that_the_group_never_gave_is_unknown()
    {
        var group = new GroupFixture();
        group.Join("j", "somebody");
        Assert.Equal(ErrorCode.UnknownMemberId, group.Joined("j").Error);
        Assert.True(group.State.CanForget);
    }

    [Fact]
    public void A_new_member_is_told_its_id_first_and_joins_with_it()
    {
        var group = new GroupFixture();
        group.Join("j", JoinCallOf("") with { RequireKnownMemberId = true });
        var told = group.Joined("j");
        Assert.Equal(ErrorCode.MemberIdRequired, told.Error);
        Assert.Equal("member-1", told.MemberId);
        Assert.Equal(GroupPhase.Empty, group.State.Phase);

        group.Join("j", JoinCallOf(told.MemberId) with { RequireKnownMemberId = true });
        var joined = group.Joined("j");
        Assert.Equal(ErrorCode.None, joined.Error);
        Assert.Equal(told.MemberId, joined.MemberId);
        Assert.Equal(told.MemberId, joined.Leader);
    }

    [Fact]
    public void A_told_id_is_forgotten_after_a_session()
    {
        var group = new GroupFixture();
        group.Join("j", JoinCallOf("") with { RequireKnownMemberId = true });
        var told = group.Joined("j").MemberId;
        group.Pass(10_000);
        Assert.True(group.State.CanForget);
        group.Join("j", told);
        Assert.Equal(ErrorCode.UnknownMemberId, group.Joined("j").Error);
    }

    [Fact]
    public void Told_ids_are_bounded()
    {
        var group = new GroupFixture(new GroupSettings { MaxPendingMembers = 2 });
        foreach (var ticket in (string[])["a", "b", "c"])
            group.Join(ticket, JoinCallOf("") with { RequireKnownMemberId = true });

        Assert.Equal(ErrorCode.MemberIdRequired, group.Joined("b").Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, group.Joined("c").Error);
    }

    [Fact]
    public void A_member_that_was_told_its_id_holds_the_barrier_until_it_comes_or_its_session_ends()
    {
        var group = new GroupFixture();
        var ids = group.Stable(1);
        group.Join("told", JoinCallOf("") with { RequireKnownMemberId = true });
        group.Join("leader", ids[0]);
        Assert.False(group.IsAnswered("leader"));
        group.Pass(10_000);
        Assert.Equal(ErrorCode.None, group.Joined("leader").Error);
    }

    [Fact]
    public void An_empty_group_waits_for_more_members_and_longer_while_they_come()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 3_000 });
        group.Join("a");
        group.Pass(2_000);
        group.Join("b");
        group.Pass(1_000);
        Assert.False(group.IsAnswered("a"));
        group.Pass(2_999);
        Assert.False(group.IsAnswered("a"));
        group.Pass(1);
        Assert.Equal(2, group.Joined("a").Members.Count);
        Assert.Empty(group.Joined("b").Members);
    }

    [Fact]
    public void The_initial_wait_ends_with_the_rebalance_timeout_however_many_come()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 3_000 });
        for (var i = 0; i < 10; i++)
        {
            group.Join($"j{i}", JoinCallOf("") with { RebalanceTimeoutMs = 10_000 });
            group.Pass(1_000);
        }

        Assert.True(group.IsAnswered("j0"));
        Assert.Equal(1, group.State.GenerationId);
    }

    [Theory]
    [InlineData("", "range", ErrorCode.InconsistentGroupProtocol)]
    [InlineData("connect", "range", ErrorCode.InconsistentGroupProtocol)]
    [InlineData("consumer", "sticky", ErrorCode.InconsistentGroupProtocol)]
    public void A_member_must_share_a_protocol_with_all_others(string type, string protocol, ErrorCode expected)
    {
        var group = new GroupFixture();
        group.Stable(1);
        group.Join("j", JoinCallOf("", protocols: protocol) with { ProtocolType = type });
        Assert.Equal(expected, group.Joined("j").Error);
    }

    [Fact]
    public void An_empty_group_takes_no_member_without_protocols()
    {
        var group = new GroupFixture();
        group.Join("j", JoinCallOf("") with { Protocols = [] });
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, group.Joined("j").Error);
    }

    [Fact]
    public void The_protocol_that_most_members_prefer_and_all_support_is_chosen()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 1_000 });
        group.Join("a", JoinCallOf("", protocols: ["only-a", "range", "sticky"]));
        group.Join("b", JoinCallOf("", protocols: ["sticky", "range"]));
        group.Join("c", JoinCallOf("", protocols: ["sticky", "range", "range"]));
        group.Pass(2_000);
        Assert.Equal("sticky", group.Joined("a").ProtocolName);
    }

    [Fact]
    public void A_follower_that_rejoins_unchanged_gets_the_current_generation()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("again", ids[1]);
        var answer = group.Joined("again");
        Assert.Equal((ErrorCode.None, 2, ids[0]), (answer.Error, answer.GenerationId, answer.Leader));
        Assert.Empty(answer.Members);
        Assert.Equal(GroupPhase.Stable, group.State.Phase);
    }

    [Fact]
    public void A_follower_that_rejoins_with_a_new_subscription_makes_the_group_rebalance()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("again", ids[1], metadata: "other");
        Assert.False(group.IsAnswered("again"));
        Assert.Equal(ErrorCode.RebalanceInProgress, group.Heartbeat(ids[0], 2));
        group.Join("leader", ids[0]);
        Assert.Equal(3, group.Joined("again").GenerationId);
    }

    [Fact]
    public void A_leader_that_rejoins_makes_the_group_rebalance()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("again", ids[0]);
        Assert.Equal(GroupPhase.PreparingRebalance, group.State.Phase);
    }

    [Fact]
    public void A_join_repeated_before_the_sync_gets_the_same_answer_again()
    {
        var group = new GroupFixture();
        group.Join("a");
        var first = group.Joined("a");
        group.Join("again", first.MemberId);
        var second = group.Joined("again");
        Assert.Equal(first.GenerationId, second.GenerationId);
        Assert.Equal(first.Members.Count, second.Members.Count);
    }

    [Fact]
    public void A_join_repeated_while_it_waits_replaces_the_first()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("first", ids[0]);
        group.Join("second", ids[0]);
        Assert.Equal(ErrorCode.RebalanceInProgress, group.Joined("first").Error);
        group.Join("other", ids[1]);
        Assert.Equal(3, group.Joined("second").GenerationId);
    }

    [Fact]
    public void Members_that_do_not_rejoin_in_time_are_out()
    {
        var group = new GroupFixture();
        var ids = group.Stable(3);
        group.Join("leader", ids[0]);
        group.Join("second", ids[1]);
        for (var waited = 0; waited < 60_000; waited += 5_000)
        {
            group.Heartbeat(ids[2], group.State.GenerationId);
            group.Pass(5_000);
        }

        Assert.Equal(2, group.Joined("leader").Members.Count);
        Assert.Equal(ErrorCode.UnknownMemberId, group.Heartbeat(ids[2], group.State.GenerationId));
    }

    [Fact]
    public void If_the_leader_does_not_rejoin_another_leads()
    {
        var group = new GroupFixture();
        var ids = group.Stable(2);
        group.Join("second", ids[1], metadata: "other");
        group.Pass(60_000);
        Assert.Equal(ids[1], group.Joined("second").Leader);
    }

    [Fact]
    public void Nobody_is_waited_for_longer_than_the_longest_rebalance_timeout()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 0, MaxRebalanceTimeoutMs = 20_000 });
        group.Join("a", JoinCallOf("") with { RebalanceTimeoutMs = int.MaxValue, SessionTimeoutMs = 1_000_000 });
        group.Joined("a");
        group.Join("b", JoinCallOf("") with { RebalanceTimeoutMs = int.MaxValue });
        group.Pass(19_999);
        Assert.False(group.IsAnswered("b"));
        group.Pass(1);
        Assert.Equal(ErrorCode.None, group.Joined("b").Error);
    }

    [Fact]
    public void Version_0_rebalances_within_the_session_timeout()
    {
        var group = new GroupFixture();
        group.Join("a", JoinCallOf("") with { RebalanceTimeoutMs = -1, SessionTimeoutMs = 20_000 });
        group.Joined("a");
        group.Join("b", JoinCallOf("") with { RebalanceTimeoutMs = -1, SessionTimeoutMs = 8_000 });
        for (var waited = 0; waited < 20_000; waited += 1_000)
        {
            Assert.False(group.IsAnswered("b"));
            group.Heartbeat("member-1", 1);
            group.Pass(1_000);
        }

        Assert.Single(group.Joined("b").Members);
    }

    [Fact]
    public void A_new_member_whose_first_join_waits_too_long_is_dropped()
    {
        var group = new GroupFixture();
        group.Join("a", JoinCallOf("") with { RebalanceTimeoutMs = 1_000_000, SessionTimeoutMs = 1_000_000 });
        group.Joined("a");
        group.Join("b", JoinCallOf("") with { RebalanceTimeoutMs = 1_000_000 });
        group.Pass(300_000);
        Assert.Equal(ErrorCode.UnknownMemberId, group.Joined("b").Error);
    }

    [Fact]
    public void A_group_has_no_more_members_than_it_may()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 0, MaxSize = 2 });
        var ids = group.Stable();
        group.Join("third");
        Assert.Equal(ErrorCode.GroupMaxSizeReached, group.Joined("third").Error);

        group.Join("leader", ids[0]);
        group.Join("second", ids[1]);
        Assert.Equal(ErrorCode.None, group.Joined("second").Error);
    }

    [Fact]
    public void While_joining_who_comes_first_has_the_room()
    {
        var group = new GroupFixture(new GroupSettings { InitialRebalanceDelayMs = 0, MaxSize = 2 });
        var ids = group.Stable();
        group.Join("leader", ids[0]);
        group.Join("new");
        group.Join("late", ids[1]);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, group.Joined("late").Error);
        Assert.Equal(2, group.Joined("leader").Members.Count);
    }
}

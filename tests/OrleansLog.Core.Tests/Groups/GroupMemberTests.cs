using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups;

public class GroupMemberTests
{
    [Fact]
    public void A_member_lives_as_long_as_it_sends_heartbeats()
    {
        var group = new GroupFixture();
        var ids = group.Stable(1);
        for (var i = 0; i < 5; i++)
        {
            group.Pass(9_999);
            Assert.Equal(ErrorCode.None, group.Heartbeat(ids[0], 1));
        }

        group.Pass(10_000);
        Assert.Equal(ErrorCode.UnknownMemberId, group.Heartbeat(ids[0], 1));
        Assert.Equal(GroupPhase.Empty, group.State.Phase);
        Assert.Equal(2, group.State.GenerationId);
    }

    [Fact]
    public void A_silent_member_is_out_and_the_others_rebalance()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Pass(5_000);
        group.Heartbeat(ids[0], 2);
        group.Pass(5_000);
        Assert.Equal(ErrorCode.RebalanceInProgress, group.Heartbeat(ids[0], 2));
        group.Join("again", ids[0]);
        Assert.Single(group.Joined("again").Members);
    }

    [Theory]
    [InlineData("member-1", 1, ErrorCode.None)]
    [InlineData("member-1", 2, ErrorCode.IllegalGeneration)]
    [InlineData("member-1", 0, ErrorCode.IllegalGeneration)]
    [InlineData("member-2", 1, ErrorCode.UnknownMemberId)]
    [InlineData("", 1, ErrorCode.UnknownMemberId)]
    public void A_heartbeat_must_be_of_a_member_and_its_generation(string memberId, int generation, ErrorCode expected)
    {
        var group = new GroupFixture();
        group.Stable(1);
        Assert.Equal(expected, group.Heartbeat(memberId, generation));
    }

    [Fact]
    public void Between_join_and_sync_heartbeats_are_welcome()
    {
        var group = new GroupFixture();
        group.Join("a");
        Assert.Equal(ErrorCode.None, group.Heartbeat("member-1", 1));
    }

    [Fact]
    public void A_member_that_waits_for_the_others_needs_no_heartbeat()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("waits", ids[0]);
        for (var i = 0; i < 4; i++)
        {
            group.Heartbeat(ids[1], 2);
            group.Pass(9_000);
        }

        group.Join("last", ids[1]);
        Assert.Equal(2, group.Joined("waits").Members.Count);
        group.Pass(9_999);
        Assert.Equal(2, group.State.MemberCount);
        group.Pass(1);
        Assert.Equal(0, group.State.MemberCount);
    }

    [Fact]
    public void Leaving_makes_the_others_rebalance_and_the_last_one_empties_the_group()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        Assert.Equal(ErrorCode.None, group.Leave(new MemberToLeave(ids[0], null)).Members[0].Error);
        Assert.Equal(ErrorCode.RebalanceInProgress, group.Heartbeat(ids[1], 2));
        Assert.Equal(ErrorCode.None, group.Leave(new MemberToLeave(ids[1], null)).Members[0].Error);
        Assert.Equal(GroupPhase.Empty, group.State.Phase);
        group.Reload();
        Assert.Equal((GroupPhase.Empty, 3, "consumer"), (group.State.Phase, group.State.GenerationId, group.State.ProtocolType));
    }

    [Fact]
    public void Many_leave_at_once_and_each_has_its_own_answer()
    {
        var group = new GroupFixture();
        var ids = group.Stable(3);
        group.Join("told", GroupFixture.JoinCallOf("") with { RequireKnownMemberId = true });
        var told = group.Joined("told").MemberId;
        var left = group.Leave(new(ids[1], null), new("nobody", null), new(told, null), new(ids[2], "instance"));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.None, ErrorCode.UnknownMemberId], left.Members.Select(m => m.Error));
        Assert.Equal(2, group.State.MemberCount);
    }

    [Fact]
    public void Leaving_while_joining_lets_the_others_go_on()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("waits", ids[0]);
        group.Leave(new MemberToLeave(ids[1], null));
        Assert.Single(group.Joined("waits").Members);
    }

    [Fact]
    public void When_the_coordinator_moves_everybody_that_waits_is_told()
    {
        var group = new GroupFixture();
        var ids = group.Stable();
        group.Join("join", ids[0]);
        group.HoldsAppends = true;
        group.Commit("commit", GroupFixture.CommitCallOf(7, ids[1], 2));
        group.Unload();
        Assert.Equal(ErrorCode.NotCoordinator, group.Joined("join").Error);
        Assert.Equal(ErrorCode.NotCoordinator, group.Take<CommitAnswer>("commit").Partitions[0].Error);
        Assert.True(group.State.CanForget);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, group.Heartbeat(ids[0], 2));
        Assert.Equal(long.MaxValue, group.State.NextDeadlineMs);
        group.Complete();
    }

    [Fact]
    public void Describe_shows_metadata_and_assignments_of_a_stable_group_only()
    {
        var group = new GroupFixture();
        Assert.Equal(ErrorCode.GroupIdNotFound, group.State.Describe().Error);
        var ids = group.Stable();
        var stable = group.State.Describe();
        Assert.Equal((GroupPhase.Stable, "consumer", "range"), (stable.Phase, stable.ProtocolType, stable.ProtocolName));
        Assert.Equal("m"u8.ToArray(), stable.Members[0].Metadata.ToArray());
        Assert.Equal(ids[1], System.Text.Encoding.UTF8.GetString(stable.Members[1].Assignment.Span));
        group.Join("again", ids[0]);
        var moving = group.State.Describe();
        Assert.Equal((GroupPhase.PreparingRebalance, ""), (moving.Phase, moving.ProtocolName));
        Assert.True(moving.Members[0].Metadata.IsEmpty && moving.Members[1].Assignment.IsEmpty);
    }

    [Fact]
    public void A_clock_that_jumps_moves_no_session()
    {
        var group = new GroupFixture();
        group.Stable(1);
        var decisions = new GroupDecisions<string>();
        group.State.Tick(group.Time with { UnixMs = long.MaxValue / 2 }, decisions);
        Assert.Empty(decisions.Answers);
        Assert.Equal(1, group.State.MemberCount);
    }
}

using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

/// <summary>KIP-345: a member with an instance id keeps its place.</summary>
public class GroupStaticMemberTests
{
    private readonly GroupFixture _group = new(new GroupSettings { InitialRebalanceDelayMs = 1_000 });

    private void StableStatic()
    {
        _group.Join("a", instance: "A");
        _group.Join("b", instance: "B");
        _group.Pass(2_000);
        Assert.Equal("member-1", _group.Joined("a").Leader);
        _group.Joined("b");
        _group.Sync("a", "member-1", 1, ("member-1", "one"), ("member-2", "two"));
        _group.Sync("b", "member-2", 1);
        Assert.Equal("one", _group.Synced("a"));
        Assert.Equal("two", _group.Synced("b"));
    }

    [Fact]
    public void A_follower_that_restarts_takes_its_old_place_without_a_rebalance()
    {
        StableStatic();
        _group.Join("back", instance: "B");
        var answer = _group.Joined("back");
        Assert.Equal((ErrorCode.None, 1, "member-3", "member-1"), (answer.Error, answer.GenerationId, answer.MemberId, answer.Leader));
        Assert.Equal(GroupPhase.Stable, _group.State.Phase);
        _group.Sync("s", "member-3", 1);
        Assert.Equal("two", _group.Synced("s"));
    }

    [Fact]
    public void Its_new_id_is_persisted_before_it_is_told()
    {
        StableStatic();
        _group.HoldsAppends = true;
        _group.Join("back", instance: "B");
        Assert.False(_group.IsAnswered("back"));
        _group.Complete();
        Assert.Equal("member-3", _group.Joined("back").MemberId);

        _group.Reload();
        Assert.Equal(ErrorCode.None, _group.Heartbeat("member-3", 1, "B"));
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Heartbeat("member-2", 1, "B"));
    }

    [Fact]
    public void If_that_fails_the_old_member_keeps_its_place()
    {
        StableStatic();
        _group.HoldsAppends = true;
        _group.Join("back", instance: "B");
        _group.Complete(ErrorCode.NotEnoughReplicas);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _group.Joined("back").Error);
        Assert.Equal(ErrorCode.None, _group.Heartbeat("member-2", 1, "B"));
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Heartbeat("member-3", 1, "B"));
    }

    [Fact]
    public void The_old_member_is_fenced_everywhere()
    {
        StableStatic();
        _group.Join("back", instance: "B");
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Heartbeat("member-2", 1, "B"));
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat("member-2", 1));
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Commit(5, "member-2", 1, instance: "B"));
        _group.Join("j", "member-2", "B");
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Joined("j").Error);
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Leave(new MemberToLeave("member-2", "B")).Members[0].Error);
    }

    [Fact]
    public void A_leader_that_restarts_is_told_not_to_assign()
    {
        StableStatic();
        _group.Join("back", JoinCallOf("", "A") with { SupportsSkippingAssignment = true });
        var answer = _group.Joined("back");
        Assert.True(answer.SkipAssignment);
        Assert.Equal("member-3", answer.Leader);
        Assert.Equal(2, answer.Members.Count);
    }

    [Fact]
    public void An_older_client_that_was_the_leader_is_told_its_old_id_as_leader()
    {
        StableStatic();
        _group.Join("back", instance: "A");
        var answer = _group.Joined("back");
        Assert.False(answer.SkipAssignment);
        Assert.Equal("member-1", answer.Leader);
        Assert.Equal("member-3", answer.MemberId);
        Assert.Equal("member-3", _group.State.LeaderId);
    }

    [Fact]
    public void If_the_vote_changes_the_group_rebalances()
    {
        _group.Join("a", JoinCallOf("", "A", protocols: ["range", "sticky"]));
        _group.Pass(2_000);
        _group.Joined("a");
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _group.Synced("a");
        _group.Join("back", JoinCallOf("", "A", protocols: ["sticky", "range"]));
        Assert.Equal(2, _group.Joined("back").GenerationId);
    }

    [Fact]
    public void Waiting_requests_of_the_old_member_are_fenced_at_once()
    {
        _group.Join("a", instance: "A");
        _group.Join("twin", instance: "A");
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Joined("a").Error);
        _group.Pass(2_000);
        Assert.Equal("member-2", _group.Joined("twin").MemberId);

        _group.Join("b", instance: "B");
        _group.Join("twin", "member-2", "A");
        _group.Joined("twin");
        _group.Joined("b");
        _group.Sync("wait", "member-3", 2);
        _group.Join("b2", instance: "B");
        Assert.Equal("FencedInstanceId", _group.Synced("wait"));
        Assert.Equal(GroupPhase.PreparingRebalance, _group.State.Phase);
    }

    [Fact]
    public void It_keeps_its_place_when_it_misses_a_rebalance()
    {
        StableStatic();
        _group.Join("a", "member-1", "A");
        for (var waited = 0; waited < 60_000; waited += 5_000)
        {
            _group.Heartbeat("member-2", 1, "B");
            _group.Pass(5_000);
        }

        Assert.Equal(2, _group.Joined("a").Members.Count);
    }

    [Fact]
    public void It_leaves_by_its_instance_id()
    {
        StableStatic();
        var left = _group.Leave(new("", "B"), new("", "C"), new("member-1", "A"));
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.None], left.Members.Select(m => m.Error));
        Assert.Equal(GroupPhase.Empty, _group.State.Phase);
    }

    [Fact]
    public void An_instance_id_that_nobody_has_is_unknown()
    {
        StableStatic();
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat("member-1", 1, "C"));
    }
}

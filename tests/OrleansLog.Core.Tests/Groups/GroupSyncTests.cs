using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups;

public class GroupSyncTests
{
    private readonly GroupFixture _group = new(new GroupSettings { InitialRebalanceDelayMs = 1_000 });

    private void JoinTwo()
    {
        _group.Join("a");
        _group.Join("b");
        _group.Pass(2_000);
        _group.Joined("a");
        _group.Joined("b");
    }

    [Fact]
    public void Members_wait_for_the_leader_and_its_record()
    {
        JoinTwo();
        _group.HoldsAppends = true;
        _group.Sync("b", "member-2", 1);
        _group.Sync("a", "member-1", 1, ("member-1", "one"), ("member-2", "two"), ("stranger", "three"));
        Assert.False(_group.IsAnswered("b"));
        Assert.Equal(GroupPhase.CompletingRebalance, _group.State.Phase);
        _group.Complete();
        Assert.Equal("one", _group.Synced("a"));
        Assert.Equal("two", _group.Synced("b"));
        Assert.Equal(GroupPhase.Stable, _group.State.Phase);
    }

    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicas, "CoordinatorNotAvailable")]
    [InlineData(ErrorCode.RequestTimedOut, "CoordinatorNotAvailable")]
    [InlineData(ErrorCode.NotLeaderOrFollower, "NotCoordinator")]
    [InlineData(ErrorCode.KafkaStorageError, "NotCoordinator")]
    [InlineData(ErrorCode.MessageTooLarge, "UnknownServerError")]
    public void An_assignment_that_is_not_written_is_nobodys(ErrorCode append, string answer)
    {
        JoinTwo();
        _group.HoldsAppends = true;
        _group.Sync("b", "member-2", 1);
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _group.Complete(append);
        Assert.Equal(answer, _group.Synced("a"));
        Assert.Equal(answer, _group.Synced("b"));
        Assert.Equal(GroupPhase.PreparingRebalance, _group.State.Phase);
        _group.Reload();
        Assert.Equal(0, _group.State.MemberCount);
    }

    [Theory]
    [InlineData(ErrorCode.None)]
    [InlineData(ErrorCode.KafkaStorageError)]
    public void A_member_that_does_not_ask_for_its_assignment_is_not_kept_alive_by_those_that_do(ErrorCode append)
    {
        JoinTwo();
        _group.HoldsAppends = true;
        _group.Pass(9_000);
        _group.Sync("a", "member-1", 1, ("member-1", "one"), ("member-2", "two"));
        _group.Complete(append);
        Assert.Equal(append == ErrorCode.None ? "one" : "NotCoordinator", _group.Synced("a"));
        _group.Pass(1_000);
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat("member-2", 1));
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat("member-1", 1));
    }

    [Fact]
    public void An_assignment_written_after_the_group_moved_on_changes_nothing()
    {
        JoinTwo();
        _group.HoldsAppends = true;
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _group.Join("c");
        Assert.Equal("RebalanceInProgress", _group.Synced("a"));
        _group.Complete();
        Assert.Equal(GroupPhase.PreparingRebalance, _group.State.Phase);
    }

    [Fact]
    public void An_assignment_written_late_is_not_taken_for_the_next_generations()
    {
        JoinTwo();
        _group.HoldsAppends = true;
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _group.Join("c");
        _group.Join("j1", "member-1");
        _group.Join("j2", "member-2");
        Assert.Equal((GroupPhase.CompletingRebalance, 2), (_group.State.Phase, _group.State.GenerationId));
        _group.Complete();
        Assert.Equal(GroupPhase.CompletingRebalance, _group.State.Phase);
        _group.Sync("new", "member-1", 2, ("member-1", "two"));
        Assert.False(_group.IsAnswered("new"));
        _group.Complete();
        Assert.Equal("two", _group.Synced("new"));
    }

    [Fact]
    public void In_a_stable_group_a_member_may_ask_again()
    {
        var ids = _group.StableAfter(1_000);
        _group.Sync("s", ids[1], 1);
        Assert.Equal(ids[1], _group.Synced("s"));
    }

    [Theory]
    [InlineData("nobody", 1, null, "UnknownMemberId")]
    [InlineData("member-1", 2, null, "IllegalGeneration")]
    [InlineData("member-1", 0, null, "IllegalGeneration")]
    [InlineData("member-1", 1, "sticky", "InconsistentGroupProtocol")]
    public void A_sync_must_fit_the_generation(string memberId, int generation, string? protocol, string expected)
    {
        JoinTwo();
        _group.Sync("s", new SyncCall { MemberId = memberId, GenerationId = generation, ProtocolName = protocol });
        Assert.Equal(expected, _group.Synced("s"));
    }

    [Fact]
    public void A_sync_of_another_protocol_type_is_refused()
    {
        JoinTwo();
        _group.Sync("s", new SyncCall { MemberId = "member-1", GenerationId = 1, ProtocolType = "connect" });
        Assert.Equal("InconsistentGroupProtocol", _group.Synced("s"));
    }

    [Fact]
    public void While_the_group_rebalances_a_sync_is_told_to_rejoin()
    {
        var ids = _group.StableAfter(1_000);
        _group.Join("j", ids[0]);
        _group.Sync("s", ids[1], 1);
        Assert.Equal("RebalanceInProgress", _group.Synced("s"));
    }

    [Fact]
    public void A_sync_repeated_while_it_waits_replaces_the_first()
    {
        JoinTwo();
        _group.Sync("first", "member-2", 1);
        _group.Sync("second", "member-2", 1);
        Assert.Equal("RebalanceInProgress", _group.Synced("first"));
        _group.Sync("a", "member-1", 1, ("member-2", "two"));
        Assert.Equal("two", _group.Synced("second"));
        Assert.Equal("", _group.Synced("a"));
    }

    [Fact]
    public void Members_that_never_sync_are_out_after_the_rebalance_timeout()
    {
        JoinTwo();
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        Assert.Equal("one", _group.Synced("a"));
        for (var waited = 0; waited < 60_000; waited += 5_000)
        {
            _group.Heartbeat("member-1", 1);
            _group.Heartbeat("member-2", 1);
            _group.Pass(5_000);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat("member-2", 1));
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat("member-1", 1));
    }

    [Fact]
    public void A_leader_that_never_syncs_is_replaced()
    {
        JoinTwo();
        _group.Sync("b", "member-2", 1);
        for (var waited = 0; waited < 60_000; waited += 5_000)
        {
            _group.Heartbeat("member-1", 1);
            _group.Pass(5_000);
        }

        Assert.Equal("RebalanceInProgress", _group.Synced("b"));
        _group.Join("b", "member-2");
        Assert.Equal("member-2", _group.Joined("b").Leader);
    }

    [Fact]
    public void A_leader_may_leave_the_assignment_to_the_coordinator()
    {
        foreach (var ticket in (string[])["a", "b"])
        {
            _group.Join(ticket, GroupFixture.JoinCallOf("") with
            {
                Protocols = [new("range", GroupFixture.Subscription(["t", "gone"]))],
            });
        }

        _group.Pass(2_000);
        _group.Joined("a");
        _group.Joined("b");
        Assert.Equal(["gone", "t"], _group.State.AssignableTopics.Order());
        _group.Sync("a", new SyncCall
        {
            MemberId = "member-1",
            GenerationId = 1,
            ServerAssignor = true,
            PartitionCounts = new Dictionary<string, int> { ["t"] = 3 },
        });
        _group.Sync("b", "member-2", 1);
        Assert.Equal(["t-0", "t-1"], Assigned("a"));
        Assert.Equal(["t-2"], Assigned("b"));
    }

    [Fact]
    public void An_assignor_that_the_coordinator_does_not_have_is_an_error()
    {
        _group.Join("a", GroupFixture.JoinCallOf("", protocols: "homegrown"));
        _group.Pass(2_000);
        _group.Joined("a");
        _group.Sync("a", new SyncCall { MemberId = "member-1", GenerationId = 1, ServerAssignor = true, PartitionCounts = new Dictionary<string, int>() });
        Assert.Equal("InconsistentGroupProtocol", _group.Synced("a"));
    }

    private IEnumerable<string> Assigned(string ticket) =>
        Core.Groups.Assignors.ConsumerAssignment.TryRead(_group.Take<SyncAnswer>(ticket).Assignment.Span)!.Select(p => p.ToString());
}

using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

/// <summary>KIP-211: what nobody uses for long is forgotten.</summary>
public class GroupExpiryTests
{
    private const long RetentionMs = 10_080L * 60_000;
    private readonly GroupFixture _group = new();

    [Fact]
    public void Offsets_outside_of_group_management_expire_by_their_commit_and_the_group_with_the_last()
    {
        _group.Commit(1);
        _group.Pass(1_000);
        _group.Commit(2, topic: "u");
        _group.Pass(RetentionMs - 1_000);
        _group.Expire();
        Assert.Equal((-1, 2), (_group.Offset().Offset, _group.Offset("u").Offset));
        _group.Pass(1_000);
        _group.Expire();
        Assert.True(_group.State.CanForget);
        _group.Reload();
        Assert.True(_group.State.CanForget);
    }

    [Fact]
    public void Offsets_of_a_group_that_had_members_expire_by_when_it_became_empty()
    {
        var ids = _group.Stable(1);
        _group.Commit(1, ids[0], 1);
        _group.Pass(5_000);
        _group.Leave(new MemberToLeave(ids[0], null));
        _group.Pass(RetentionMs - 1);
        _group.Expire();
        Assert.Equal(1, _group.Offset().Offset);
        _group.Pass(1);
        _group.Expire();
        Assert.True(_group.State.CanForget);
    }

    [Fact]
    public void In_a_stable_group_only_offsets_of_topics_that_nobody_reads_any_more_expire()
    {
        _group.Commit(1);
        _group.Commit(2, topic: "u");
        _group.Join("a", JoinCallOf("") with { Protocols = [new("range", Subscription(["u"]))], SessionTimeoutMs = 1_800_000 });
        _group.Joined("a");
        _group.Sync("a", "member-1", 1, ("member-1", "x"));
        for (long passed = 0; passed < RetentionMs; passed += 1_000_000)
        {
            _group.Pass(1_000_000);
            _group.Heartbeat("member-1", 1);
        }

        _group.Expire();
        Assert.Equal((-1, 2), (_group.Offset().Offset, _group.Offset("u").Offset));
        Assert.Equal(GroupPhase.Stable, _group.State.Phase);
    }

    [Fact]
    public void The_client_may_have_said_how_long()
    {
        _group.Commit("c", CommitCallOf(1) with { RetentionTimeMs = 5_000 });
        _group.Reload();
        _group.Pass(4_999);
        _group.Expire();
        Assert.Equal(1, _group.Offset().Offset);
        _group.Pass(1);
        _group.Expire();
        Assert.Equal(-1, _group.Offset().Offset);
    }

    [Fact]
    public void A_commit_on_its_way_saves_its_partition()
    {
        _group.Commit(1);
        _group.Pass(RetentionMs);
        _group.HoldsAppends = true;
        _group.Commit("c", CommitCallOf(2));
        _group.Expire();
        _group.Complete();
        Assert.Equal(2, _group.Offset().Offset);
        _group.Reload();
        Assert.Equal(2, _group.Offset().Offset);
    }

    [Fact]
    public void If_it_is_not_written_nothing_expired()
    {
        _group.Commit(1);
        _group.Pass(RetentionMs);
        _group.HoldsAppends = true;
        _group.Expire();
        _group.Complete(ErrorCode.NotEnoughReplicas);
        Assert.Equal((GroupPhase.Empty, 1), (_group.State.Phase, _group.Offset().Offset));
        _group.HoldsAppends = false;
        _group.Expire();
        Assert.True(_group.State.CanForget);
    }

    [Fact]
    public void A_group_that_nobody_ever_used_leaves_no_tombstone()
    {
        _group.Expire();
        Assert.Empty(_group.Log);
    }
}

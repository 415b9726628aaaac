using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

/// <summary>What members hold is counted; whoever would add to it without room is refused, and who is in stays in.</summary>
public class GroupRoomTests : IMemberRoom
{
    private readonly GroupFixture _group = new();
    private long _most = long.MaxValue;

    public GroupRoomTests() => _group.State.Room = this;

    bool IMemberRoom.TryTake(long bytes, bool isNew) => _group.State.MemberBytes + bytes <= _most;

    [Fact]
    public void A_group_that_everybody_left_holds_nothing()
    {
        var ids = _group.Stable(3);
        _group.Join("told", JoinCallOf("") with { RequireKnownMemberId = true });
        Assert.InRange(_group.State.MemberBytes, 3 * 512, 3 * 1024);

        _group.Leave([.. ids.Append(_group.Joined("told").MemberId).Select(id => new MemberToLeave(id, null))]);

        Assert.Equal(GroupPhase.Empty, _group.State.Phase);
        Assert.Equal(0, _group.State.MemberBytes);
    }

    [Fact]
    public void What_members_hold_counts_with_their_metadata_names_and_assignments()
    {
        var before = _group.State.MemberBytes;
        _group.Join("a", JoinCallOf("", metadata: new string('m', 1_000), protocols: ["range", new string('p', 1_000)]));
        var joined = _group.State.MemberBytes;
        _group.Sync("synced", "member-1", 1, ("member-1", new string('x', 1_000)));

        Assert.InRange(joined - before, 2_000 + 2_000, 2_000 + 2_000 + 1_024);
        Assert.Equal(1_000, _group.State.MemberBytes - joined);
    }

    [Fact]
    public void Without_room_a_newcomer_is_refused_and_a_member_rejoins()
    {
        var ids = _group.Stable();
        _most = 0;

        _group.Join("new");
        _group.Join("told", JoinCallOf("") with { RequireKnownMemberId = true });
        _group.Join("static", instance: "S");
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("new").Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("told").Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("static").Error);
        Assert.Equal(GroupPhase.Stable, _group.State.Phase);

        _group.Join("leader", ids[0]);
        _group.Join("second", ids[1]);
        var generation = _group.Joined("leader").GenerationId;
        Assert.Equal(ErrorCode.None, _group.Joined("second").Error);
        _group.Sync("leader", ids[0], generation, (ids[0], ids[1]), (ids[1], ids[0]));
        _group.Sync("second", ids[1], generation);
        Assert.Equal(ids[1], _group.Synced("leader"));
        Assert.Equal(ids[0], _group.Synced("second"));
    }

    [Fact]
    public void A_told_id_that_comes_without_room_is_forgotten()
    {
        _group.Join("told", JoinCallOf("") with { RequireKnownMemberId = true });
        var id = _group.Joined("told").MemberId;
        _most = _group.State.MemberBytes;
        Assert.InRange(_most, 1, long.MaxValue);

        _group.Join("come", id);

        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("come").Error);
        Assert.True(_group.State.CanForget);
        Assert.Equal(0, _group.State.MemberBytes);
    }

    [Fact]
    public void A_member_that_rejoins_with_more_than_there_is_room_for_is_out_and_the_others_go_on()
    {
        var ids = _group.Stable();
        _most = _group.State.MemberBytes;

        _group.Join("grown", ids[1], metadata: new string('m', 500));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("grown").Error);
        _group.Join("leader", ids[0]);

        Assert.Equal([ids[0]], _group.Joined("leader").Members.Select(member => member.MemberId));
        Assert.InRange(_group.State.MemberBytes, 1, (_most / 2) + 1);
    }

    [Fact]
    public void A_static_member_that_comes_back_needs_no_room_unless_it_brings_more()
    {
        _group.Join("a", instance: "A");
        _group.Joined("a");
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _most = _group.State.MemberBytes;

        _group.Join("grown", instance: "A", metadata: new string('m', 500));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _group.Joined("grown").Error);
        Assert.Equal(ErrorCode.None, _group.Heartbeat("member-1", 1, "A"));

        _group.Join("back", instance: "A");
        Assert.Equal(ErrorCode.None, _group.Joined("back").Error);
        Assert.Equal(_most, _group.State.MemberBytes);
    }

    [Fact]
    public void Static_members_that_come_back_do_not_pile_up_their_groups_records()
    {
        _group.Join("a", instance: "A");
        _group.Joined("a");
        _group.Sync("a", "member-1", 1, ("member-1", "one"));
        _most = 0;
        _group.HoldsAppends = true;

        _group.Join("first", instance: "A");
        _group.Join("second", instance: "A");
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _group.Joined("second").Error);
        _group.Complete();
        Assert.Equal(ErrorCode.None, _group.Joined("first").Error);
        _group.Join("second", instance: "A");
        _group.Complete();
        Assert.Equal(ErrorCode.None, _group.Joined("second").Error);
    }

    [Fact]
    public void An_assignment_without_room_sends_the_members_back_and_comes_when_there_is_room()
    {
        _group.Join("a");
        var id = _group.Joined("a").MemberId;
        _most = _group.State.MemberBytes;

        _group.Sync("large", id, 1, (id, new string('x', 1_000)));
        Assert.Equal("CoordinatorNotAvailable", _group.Synced("large"));
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat(id, 1));
        Assert.Equal(_most, _group.State.MemberBytes);

        _most = long.MaxValue;
        _group.Join("again", id);
        _group.Sync("large", id, _group.Joined("again").GenerationId, (id, new string('x', 1_000)));
        Assert.Equal(1_000, _group.Synced("large").Length);
    }

    [Fact]
    public void Assignments_do_not_pile_up_behind_one_that_is_being_written()
    {
        _group.HoldsAppends = true;
        _group.Join("join-0");
        var id = _group.Joined("join-0").MemberId;
        _most = _group.State.MemberBytes + 20_000;

        for (var i = 1; i < 100; i++)
        {
            _group.Sync($"sync-{i}", id, _group.State.GenerationId, (id, new string('x', 1_000)));
            _group.Join($"join-{i}", id, metadata: $"m{i}");
            _group.Joined($"join-{i}");
        }

        Assert.InRange(_group.State.MemberBytes, 1, _most);
        Assert.Equal(_group.State.CountMemberBytes(), _group.State.MemberBytes);
        _group.Complete();
        Assert.InRange(_group.State.MemberBytes, 1, _most - 1_000);
    }

    [Fact]
    public void Subscriptions_whose_topics_have_no_room_count_as_unreadable()
    {
        var metadata = Subscription([.. Enumerable.Range(0, 100).Select(i => $"t{i}")]);
        var call = JoinCallOf("") with { Protocols = [new("range", metadata)] };
        _group.Join("a", call);
        var id = _group.Joined("a").MemberId;
        Assert.Equal(100, _group.State.AssignableTopics.Count);

        _most = _group.State.MemberBytes;
        var more = Subscription([.. Enumerable.Range(0, 100).Select(i => $"t{i % 10}"), .. Enumerable.Range(100, 100).Select(i => $"t{i}")]);
        _most += more.Length - metadata.Length;
        _group.Join("b", call with { MemberId = id, Protocols = [new("range", more)] });
        _group.Sync("s", new SyncCall { MemberId = id, GenerationId = _group.Joined("b").GenerationId, ServerAssignor = true, PartitionCounts = new Dictionary<string, int>() });

        Assert.Empty(_group.State.AssignableTopics);
        Assert.Equal("CoordinatorNotAvailable", _group.Synced("s"));
    }

    [Fact]
    public void What_was_loaded_counts()
    {
        _group.Stable();
        var before = _group.State.MemberBytes;
        _group.Reload();
        Assert.Equal(_group.State.CountMemberBytes(), _group.State.MemberBytes);
        Assert.Equal(before, _group.State.MemberBytes);
    }
}

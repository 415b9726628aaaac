using OrleansLog.Core.Groups;
using OrleansLog.Protocol;
using static OrleansLog.Core.Tests.Groups.GroupFixture;

namespace OrleansLog.Core.Tests.Groups;

public class GroupOffsetTests
{
    private readonly GroupFixture _group = new();

    [Fact]
    public void A_consumer_without_group_management_commits_to_an_empty_group()
    {
        Assert.Equal(ErrorCode.None, _group.Commit(42, metadata: "größe ✓"));
        var offset = _group.Offset();
        Assert.Equal((42, 3, "größe ✓"), (offset.Offset, offset.LeaderEpoch, offset.Metadata));
        Assert.Equal(_group.Time.UnixMs, offset.CommitUnixMs);
        Assert.Null(_group.State.ProtocolType);
        Assert.Equal(-1, _group.Offset("other").Offset);
    }

    [Fact]
    public void An_offset_shows_only_when_its_record_is_committed()
    {
        _group.HoldsAppends = true;
        _group.Commit("c", CommitCallOf(42));
        Assert.Equal(-1, _group.Offset().Offset);
        Assert.False(_group.IsAnswered("c"));
        _group.Complete();
        Assert.Equal(42, _group.Offset().Offset);
        Assert.Equal(ErrorCode.None, _group.Take<CommitAnswer>("c").Partitions[0].Error);
    }

    [Theory]
    [InlineData(ErrorCode.UnknownTopicOrPartition, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.NotEnoughReplicas, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.RequestTimedOut, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.NotLeaderOrFollower, ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.KafkaStorageError, ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.MessageTooLarge, ErrorCode.InvalidCommitOffsetSize)]
    [InlineData(ErrorCode.RecordListTooLarge, ErrorCode.InvalidCommitOffsetSize)]
    public void A_failed_append_leaves_the_old_offset(ErrorCode append, ErrorCode answer)
    {
        _group.Commit(1);
        _group.HoldsAppends = true;
        _group.Commit("c", CommitCallOf(2));
        _group.Complete(append);
        Assert.Equal(answer, _group.Take<CommitAnswer>("c").Partitions[0].Error);
        Assert.Equal(1, _group.Offset().Offset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_topic_that_is_gone_takes_its_own_offset_and_not_that_of_its_namesake(bool isUnderWay)
    {
        var (old, anew) = (Uuid.FromGuid(Guid.NewGuid()), Uuid.FromGuid(Guid.NewGuid()));
        _group.Commit("old", CommitCallOf(7, topicId: old));
        _group.HoldsAppends = isUnderWay;
        _group.Commit("new", CommitCallOf(1, topicId: anew));
        _group.ForgetTopic("t", old);
        if (isUnderWay)
            _group.Complete();
        Assert.Equal(1, _group.Offset().Offset);
        _group.HoldsAppends = false;
        _group.ForgetTopic("t", anew);
        Assert.Equal(-1, _group.Offset().Offset);
    }

    [Fact]
    public void An_offset_for_a_topic_that_is_gone_by_then_goes_too()
    {
        var old = Uuid.FromGuid(Guid.NewGuid());
        _group.HoldsAppends = true;
        _group.Commit("under way", CommitCallOf(7, topicId: old));
        _group.ForgetTopic("t", old);
        _group.Complete();
        _group.Complete();
        Assert.Equal(-1, _group.Offset().Offset);
        _group.HoldsAppends = false;
        _group.Commit(8);
        _group.ForgetTopic("t", old);
        Assert.Equal(-1, _group.Offset().Offset); // Nobody knows which topic it was for: an older one's than any that has an id.
    }

    [Fact]
    public void A_note_that_is_too_long_fails_its_partition_only()
    {
        var call = CommitCallOf(1);
        _group.Commit("c", call with { Offsets = [call.Offsets[0] with { Metadata = new string('x', 4_097) }, call.Offsets[0] with { Partition = 1 }] });
        var partitions = _group.Take<CommitAnswer>("c").Partitions;
        Assert.Equal([ErrorCode.OffsetMetadataTooLarge, ErrorCode.None], partitions.Select(p => p.Error));
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, _group.Commit(1, metadata: new string('ß', 2_049)));
        Assert.Equal(ErrorCode.None, _group.Commit(1, metadata: new string('ß', 2_048)));
    }

    [Theory]
    [InlineData("member-1", 2, ErrorCode.None)]
    [InlineData("member-1", 1, ErrorCode.IllegalGeneration)]
    [InlineData("member-1", 3, ErrorCode.IllegalGeneration)]
    [InlineData("member-1", -1, ErrorCode.IllegalGeneration)]
    [InlineData("nobody", 2, ErrorCode.UnknownMemberId)]
    [InlineData("", 2, ErrorCode.UnknownMemberId)]
    [InlineData("", -1, ErrorCode.UnknownMemberId)]
    public void A_group_with_members_takes_commits_of_its_generation_only(string memberId, int generation, ErrorCode expected)
    {
        _group.Stable();
        Assert.Equal(expected, _group.Commit(5, memberId, generation));
        Assert.Equal(expected == ErrorCode.None ? 5 : -1, _group.Offset().Offset);
    }

    [Theory]
    [InlineData(false, ErrorCode.IllegalGeneration)]
    [InlineData(true, ErrorCode.GroupIdNotFound)]
    public void A_generation_of_a_group_that_nobody_knows(bool knowsNotFound, ErrorCode expected)
    {
        _group.Commit("c", CommitCallOf(1, "m", 4) with { KnowsGroupIdNotFound = knowsNotFound });
        Assert.Equal(expected, _group.Take<CommitAnswer>("c").Partitions[0].Error);
        Assert.True(_group.State.CanForget);
    }

    [Fact]
    public void While_the_others_join_a_member_may_commit_what_it_did_and_after_joining_not_before_it_syncs()
    {
        var ids = _group.Stable();
        _group.Join("j", ids[0]);
        Assert.Equal(ErrorCode.None, _group.Commit(5, ids[1], 2));
        _group.Join("k", ids[1]);
        Assert.Equal(GroupPhase.CompletingRebalance, _group.State.Phase);
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Commit(6, ids[1], 3));
        Assert.Equal(ErrorCode.IllegalGeneration, _group.Commit(6, ids[1], 2));
    }

    [Fact]
    public void A_commit_keeps_the_session()
    {
        var ids = _group.Stable(1);
        _group.Pass(9_000);
        _group.Commit(5, ids[0], 1);
        _group.Pass(9_000);
        Assert.Equal(ErrorCode.None, _group.Heartbeat(ids[0], 1));
    }

    [Fact]
    public void Offsets_of_topics_that_are_read_are_not_deleted()
    {
        _group.Commit(1);
        _group.Commit(2, topic: "u");
        _group.Join("a", JoinCallOf("") with { Protocols = [new("range", Subscription(["u"]))] });
        Assert.Equal([ErrorCode.None, ErrorCode.GroupSubscribedToTopic, ErrorCode.None],
            _group.DeleteOffsets("t", "u", "never").Partitions.Select(p => p.Error));
        Assert.Equal((-1, 2), (_group.Offset().Offset, _group.Offset("u").Offset));
        _group.Reload();
        Assert.Equal((-1, 2), (_group.Offset().Offset, _group.Offset("u").Offset));
    }

    [Fact]
    public void A_group_of_another_kind_with_members_deletes_no_offsets()
    {
        Assert.Equal(ErrorCode.GroupIdNotFound, _group.DeleteOffsets("t").Error);
        _group.Join("a", JoinCallOf("") with { ProtocolType = "connect" });
        Assert.Equal(ErrorCode.NonEmptyGroup, _group.DeleteOffsets("t").Error);
    }

    [Fact]
    public void A_consumer_group_whose_subscriptions_cannot_be_read_keeps_everything()
    {
        _group.Commit(1);
        _group.Join("a", metadata: "");
        Assert.Equal(ErrorCode.GroupSubscribedToTopic, _group.DeleteOffsets("t").Partitions[0].Error);
    }

    [Fact]
    public void A_group_is_deleted_with_its_offsets_once_it_has_no_members()
    {
        Assert.Equal(ErrorCode.GroupIdNotFound, _group.Delete());
        _group.Commit(1);
        var ids = _group.Stable(1);
        Assert.Equal(ErrorCode.NonEmptyGroup, _group.Delete());
        _group.Leave(new MemberToLeave(ids[0], null));
        Assert.Equal(ErrorCode.None, _group.Delete());
        Assert.True(_group.State.CanForget);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _group.Commit(2));
        Assert.Equal(2, _group.Log.Count(r => r.Value is null));
        _group.Reload();
        Assert.True(_group.State.CanForget);
        Assert.Equal(-1, _group.Offset().Offset);
    }

    [Fact]
    public void If_the_deletion_is_not_written_the_group_lives()
    {
        _group.Commit(1);
        _group.HoldsAppends = true;
        Assert.Throws<Xunit.Sdk.TrueException>(() => _group.Delete());
        _group.Join("j");
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _group.Joined("j").Error);
        _group.Complete(ErrorCode.NotEnoughReplicas);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _group.Take<DeleteGroupAnswer>("delete").Error);
        Assert.Equal(GroupPhase.Empty, _group.State.Phase);
        Assert.Equal(1, _group.Offset().Offset);
    }

    [Fact]
    public void A_commit_on_its_way_goes_with_the_deletion_after_it()
    {
        _group.HoldsAppends = true;
        _group.Commit("c", CommitCallOf(1));
        Assert.Throws<Xunit.Sdk.TrueException>(() => _group.Delete());
        _group.Complete();
        _group.Complete();
        _group.Reload();
        Assert.Equal(-1, _group.Offset().Offset);
    }
}

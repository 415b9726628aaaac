namespace OrleansLog.Grains.Tests.Groups;

/// <summary>A member of a group as a test plays it.</summary>
internal sealed class GroupMember
{
    public required string GroupId { get; init; }

    public required JoinGroupResult Joined { get; init; }

    public bool IsLeader => Joined.Leader == Joined.MemberId;

    /// <summary>A join as a consumer with the range assignor sends it.</summary>
    public static JoinGroupCall Call(string groupId, string memberId = "", int sessionTimeoutMs = 10_000, string? instance = null) => new()
    {
        GroupId = groupId,
        MemberId = memberId,
        GroupInstanceId = instance,
        ProtocolType = "consumer",
        Protocols = [new GroupProtocol("range", new byte[] { 0, 0, 0, 0, 0, 0, 255, 255, 255, 255 })],
        SessionTimeoutMs = sessionTimeoutMs,
        RebalanceTimeoutMs = 30_000,
        ClientId = "test",
        ClientHost = "/127.0.0.1",
    };

    /// <summary>Joins: first for a member id, then with it.</summary>
    public static async Task<GroupMember> JoinAsync(Func<JoinGroupCall, CancellationToken, ValueTask<JoinGroupResult>> join, string groupId)
    {
        var first = await join(Call(groupId), default);
        Assert.Equal(ErrorCode.MemberIdRequired, first.Error);
        var joined = await join(Call(groupId, first.MemberId), default);
        Assert.Equal(ErrorCode.None, joined.Error);
        return new GroupMember { GroupId = groupId, Joined = joined };
    }

    /// <summary>The sync of a leader that gives everybody the same bytes.</summary>
    public SyncGroupCall Lead(byte[] assignment) => Sync() with
    {
        Assignments = [.. Joined.Members.Select(member => new MemberAssignment(member.MemberId, assignment))],
    };

    /// <summary>The sync of a follower.</summary>
    public SyncGroupCall Sync() => new() { GroupId = GroupId, MemberId = Joined.MemberId, GenerationId = Joined.GenerationId };

    public HeartbeatCall Heartbeat() => new(GroupId, Joined.GenerationId, Joined.MemberId);

    public CommitOffsetsCall Commit(TopicPartition partition, long offset, string? metadata = null) => new()
    {
        GroupId = GroupId,
        MemberId = Joined.MemberId,
        GenerationId = Joined.GenerationId,
        Offsets = [new OffsetToCommit { Partition = partition, Offset = offset, LeaderEpoch = -1, Metadata = metadata }],
    };

    public LeaveGroupCall Leave() => new(GroupId, [new LeavingMember(Joined.MemberId)]);
}

namespace OrleansLog.Grains;

/// <summary>What one group's coordinator is asked: this broker, or whichever it is.</summary>
internal interface IGroupCoordinator
{
    /// <summary>Joins; waits until the generation begins.</summary>
    ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken);

    /// <summary>Asks for the assignment; waits until the leader has brought it.</summary>
    ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken);

    /// <summary>Says that a member is alive.</summary>
    ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken);

    /// <summary>Members leave.</summary>
    ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken);

    /// <summary>Commits offsets.</summary>
    ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken);

    /// <summary>Reads committed offsets.</summary>
    ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken);

    /// <summary>Describes the group.</summary>
    ValueTask<GroupDescription> DescribeAsync(string groupId, CancellationToken cancellationToken);

    /// <summary>Deletes the group, which must be empty.</summary>
    ValueTask<ErrorCode> DeleteAsync(string groupId, CancellationToken cancellationToken);

    /// <summary>Deletes committed offsets of partitions that no member reads.</summary>
    ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken);
}

using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>
/// How the SDK reaches the coordinators of groups; the same three forms as <see cref="ILogTransport"/>. A transport finds the coordinator and
/// asks it once; errors are values (COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR and COORDINATOR_LOAD_IN_PROGRESS ask for another try, which the caller makes).
/// </summary>
/// <remarks>Cancelling ends the caller's wait. A member that joined meanwhile goes when its session ends, or by leaving.</remarks>
public interface IGroupTransport
{
    /// <summary>Joins a group; waits until the generation begins, as long as the members' rebalance timeout allows.</summary>
    ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken);

    /// <summary>Asks for the assignment, or brings everybody's; waits for the leader.</summary>
    ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken);

    /// <summary>Says that a member is alive.</summary>
    ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken);

    /// <summary>Members leave.</summary>
    ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken);

    /// <summary>Commits offsets.</summary>
    ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken);

    /// <summary>Reads committed offsets.</summary>
    ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken);

    /// <summary>Groups of all brokers, by id.</summary>
    /// <param name="states">Only groups in one of these states, by Kafka's names in any case; empty for all.</param>
    /// <param name="types">Only groups of one of these types, such as <c>classic</c>; empty for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken);

    /// <summary>Describes groups, one answer for each in the order asked.</summary>
    ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken);

    /// <summary>Deletes empty groups with their offsets, one answer for each in the order asked.</summary>
    ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken);

    /// <summary>Deletes a group's committed offsets of partitions that no member reads.</summary>
    ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken);
}

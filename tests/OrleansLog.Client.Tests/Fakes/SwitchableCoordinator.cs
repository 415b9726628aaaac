namespace OrleansLog.Client.Tests;

/// <summary>A way to a coordinator that can go down: nothing arrives any more, and nobody is told.</summary>
internal sealed class SwitchableCoordinator(IGroupTransport inner) : IGroupTransport
{
    private int _heartbeats;
    private int _hanging;
    private int _commitsToFail;

    public bool IsDown { get; set; }

    /// <summary>Calls that went out while the way was down, and wait.</summary>
    public int Hanging => Volatile.Read(ref _hanging);

    /// <summary>So many commits throw what no transport should.</summary>
    public int CommitsToFail
    {
        init => _commitsToFail = value;
    }

    /// <summary>Heartbeats that were answered.</summary>
    public int Heartbeats => Volatile.Read(ref _heartbeats);

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken) => Through(() => inner.JoinAsync(call, cancellationToken), cancellationToken);

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken) => Through(() => inner.SyncAsync(call, cancellationToken), cancellationToken);

    public async ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken)
    {
        var answer = await Through(() => inner.HeartbeatAsync(call, cancellationToken), cancellationToken);
        Interlocked.Increment(ref _heartbeats);
        return answer;
    }

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken) => Through(() => inner.LeaveAsync(call, cancellationToken), cancellationToken);

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken) => Interlocked.Decrement(ref _commitsToFail) >= 0
        ? throw new InvalidOperationException("a fault of the transport's own")
        : Through(() => inner.CommitAsync(call, cancellationToken), cancellationToken);

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken) => Through(() => inner.FetchOffsetsAsync(call, cancellationToken), cancellationToken);

    public ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken) => Through(() => inner.ListGroupsAsync(states, types, cancellationToken), cancellationToken);

    public ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken) => Through(() => inner.DescribeGroupsAsync(groups, cancellationToken), cancellationToken);

    public ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken) => Through(() => inner.DeleteGroupsAsync(groups, cancellationToken), cancellationToken);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken) =>
        Through(() => inner.DeleteOffsetsAsync(groupId, partitions, cancellationToken), cancellationToken);

    private async ValueTask<T> Through<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (!IsDown)
            return await call();
        Interlocked.Increment(ref _hanging);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _hanging);
        }

        return await call();
    }
}

using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>Groups over Orleans: each group's grain lives with its coordinator. A broken connection is a coordinator that is not there now.</summary>
internal sealed partial class OrleansTransport
{
    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken) =>
        AskGroupAsync(call.GroupId, group => group.JoinAsync(call), static error => JoinGroupResult.Failure(error), cancellationToken);

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken) =>
        AskGroupAsync(call.GroupId, group => group.SyncAsync(call), static error => SyncGroupResult.Failure(error), cancellationToken);

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken) =>
        AskGroupAsync(call.GroupId, group => group.HeartbeatAsync(call), static error => error, cancellationToken);

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken) =>
        AskGroupAsync(call.GroupId, group => group.LeaveAsync(call), static error => new LeaveGroupResult(error, []), cancellationToken);

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken) => AskGroupAsync(
        call.GroupId, group => group.CommitAsync(call), error => CommitOffsetsResult.Failure(error, call.Offsets.Length), cancellationToken);

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken) =>
        AskGroupAsync(call.GroupId, group => group.FetchOffsetsAsync(call), static error => FetchOffsetsResult.Failure(error), cancellationToken);

    public async ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken)
    {
        var metadata = await GetMetadataAsync([], -1, cancellationToken).ConfigureAwait(false);
        var parts = await Task.WhenAll(metadata.Brokers.Select(async broker =>
        {
            try
            {
                return await AskAsync(Broker(broker.Id).ListGroupsAsync(states, types), cancellationToken).ConfigureAwait(false);
            }
            catch (LogException error)
            {
                return new ListGroupsResult(error.Code, []);
            }
        })).ConfigureAwait(false);
        var failed = Array.Find(parts, static part => part.Error != ErrorCode.None);
        return new ListGroupsResult(
            failed?.Error ?? ErrorCode.None,
            [.. parts.SelectMany(static part => part.Groups).DistinctBy(static group => group.GroupId).OrderBy(static group => group.GroupId, StringComparer.Ordinal)]);
    }

    public async ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        await Task.WhenAll(groups.Select(id => AskGroupAsync(
            id, static group => group.DescribeAsync(), error => new GroupDescription { GroupId = id, Error = error }, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        await Task.WhenAll(groups.Select(async id => new DeleteGroupResult(
            id, await AskGroupAsync(id, static group => group.DeleteAsync(), static error => error, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken) =>
        AskGroupAsync(groupId, group => group.DeleteOffsetsAsync(partitions), static error => new DeleteOffsetsResult(error, []), cancellationToken);

    private async ValueTask<T> AskGroupAsync<T>(
        string groupId, Func<IGroupGrain, ValueTask<T>> ask, Func<ErrorCode, T> failure, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(_grains.GetGroup(groupId)).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var (code, _) = Translate(error);
            return failure(code == ErrorCode.UnknownServerError ? code : ErrorCode.CoordinatorNotAvailable);
        }
    }
}

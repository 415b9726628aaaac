using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>
/// Groups from the broker's own process: those that this broker coordinates are a method call away, others are reached through their grain.
/// </summary>
internal sealed class DirectGroupTransport(BrokerHost host, MetadataCache metadata, IGrainFactory grains) : IGroupTransport, IGroupCoordinator
{
    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.JoinAsync(c, token), static (grain, c) => grain.JoinAsync(c.WithOwnMemory()),
            static (error, c) => JoinGroupResult.Failure(error, c.MemberId), cancellationToken);
    }

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.SyncAsync(c, token), static (grain, c) => grain.SyncAsync(c.WithOwnMemory()),
            static (error, _) => SyncGroupResult.Failure(error), cancellationToken);
    }

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.HeartbeatAsync(c, token), static (grain, c) => grain.HeartbeatAsync(c),
            static (error, _) => error, cancellationToken);
    }

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.LeaveAsync(c, token), static (grain, c) => grain.LeaveAsync(c),
            static (error, _) => new LeaveGroupResult(error, []), cancellationToken);
    }

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.CommitAsync(c, token), static (grain, c) => grain.CommitAsync(c),
            static (error, c) => CommitOffsetsResult.Failure(error, c.Offsets.Length), cancellationToken);
    }

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return RouteAsync(
            call.GroupId, call, static (local, c, token) => local.FetchOffsetsAsync(c, token), static (grain, c) => grain.FetchOffsetsAsync(c),
            static (error, _) => FetchOffsetsResult.Failure(error), cancellationToken);
    }

    public async ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken)
    {
        var brokers = metadata.Current.Brokers.Values.Where(broker => !broker.Fenced || broker.Id == host.BrokerId);
        var lists = await Task.WhenAll(brokers.Select(broker => ListAsync(broker.Id, states, types, cancellationToken))).ConfigureAwait(false);
        return new ListGroupsResult(
            lists.Select(list => list.Error).FirstOrDefault(error => error != ErrorCode.None),
            [.. lists.SelectMany(list => list.Groups).OrderBy(group => group.GroupId, StringComparer.Ordinal)]);
    }

    public async ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return await Task.WhenAll(groups.Select(group => DescribeAsync(group, cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <summary>Describes one group.</summary>
    public ValueTask<GroupDescription> DescribeAsync(string groupId, CancellationToken cancellationToken) => RouteAsync(
        groupId, groupId, static (local, id, token) => local.DescribeAsync(id, token), static (grain, _) => grain.DescribeAsync(),
        static (error, id) => new GroupDescription { GroupId = id, Error = error }, cancellationToken);

    public async ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var errors = await Task.WhenAll(groups.Select(group => DeleteAsync(group, cancellationToken).AsTask())).ConfigureAwait(false);
        return [.. groups.Zip(errors, static (group, error) => new DeleteGroupResult(group, error))];
    }

    /// <summary>Deletes one group, which must be empty.</summary>
    public ValueTask<ErrorCode> DeleteAsync(string groupId, CancellationToken cancellationToken) => RouteAsync(
        groupId, groupId, static (local, id, token) => local.DeleteAsync(id, token), static (grain, _) => grain.DeleteAsync(), static (error, _) => error,
        cancellationToken);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken) => RouteAsync(
        groupId, (Group: groupId, Partitions: partitions), static (local, c, token) => local.DeleteOffsetsAsync(c.Group, c.Partitions, token),
        static (grain, c) => grain.DeleteOffsetsAsync(c.Partitions), static (error, _) => new DeleteOffsetsResult(error, []), cancellationToken);

    private async ValueTask<TResult> RouteAsync<TCall, TResult>(
        string groupId, TCall call, Func<LocalGroups, TCall, CancellationToken, ValueTask<TResult>> local, Func<IGroupGrain, TCall, ValueTask<TResult>> remote,
        Func<ErrorCode, TCall, TResult> failed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var location = await host.Groups.FindCoordinatorAsync(groupId).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (location.Error != ErrorCode.None)
            return failed(location.Error, call);
        if (location.BrokerId == host.BrokerId)
            return await local(host.Groups, call, cancellationToken).ConfigureAwait(false);

        try
        {
            return await remote(grains.GetGroup(groupId, location.BrokerId), call).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return failed(ErrorCode.CoordinatorNotAvailable, call);
        }
    }

    private async Task<ListGroupsResult> ListAsync(int brokerId, string[] states, string[] types, CancellationToken cancellationToken)
    {
        if (brokerId == host.BrokerId)
            return await host.Groups.ListAsync(states, types, cancellationToken).ConfigureAwait(false);

        try
        {
            return await grains.GetGrain<IBrokerGrain>(brokerId).ListGroupsAsync(states, types).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return new ListGroupsResult(ErrorCode.CoordinatorNotAvailable, []);
        }
    }
}

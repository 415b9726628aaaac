using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains;

namespace OrleansLog.Kafka.Groups;

/// <summary>
/// Where a client's request about a group goes: to this broker's own coordinators, which answer NOT_COORDINATOR for the groups of others; from a
/// gateway, to whoever coordinates the group (D9).
/// </summary>
internal sealed class GroupRoute(BrokerHost host, MetadataCache metadata, IGroupTransport transport, BrokerConfig config)
{
    /// <summary>The metadata that this broker has applied.</summary>
    public MetadataImage Image => metadata.Current;

    public ValueTask<CoordinatorLocation> FindAsync(string groupId) => host.Groups.FindCoordinatorAsync(groupId);

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.JoinAsync(call, cancellationToken) : host.Groups.JoinAsync(call, cancellationToken);

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.SyncAsync(call, cancellationToken) : host.Groups.SyncAsync(call, cancellationToken);

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.HeartbeatAsync(call, cancellationToken) : host.Groups.HeartbeatAsync(call, cancellationToken);

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.LeaveAsync(call, cancellationToken) : host.Groups.LeaveAsync(call, cancellationToken);

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.CommitAsync(call, cancellationToken) : host.Groups.CommitAsync(call, cancellationToken);

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.FetchOffsetsAsync(call, cancellationToken) : host.Groups.FetchOffsetsAsync(call, cancellationToken);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.DeleteOffsetsAsync(groupId, partitions, cancellationToken) : host.Groups.DeleteOffsetsAsync(groupId, partitions, cancellationToken);

    public ValueTask<ListGroupsResult> ListAsync(string[] states, string[] types, CancellationToken cancellationToken) =>
        config.IsGateway ? transport.ListGroupsAsync(states, types, cancellationToken) : host.Groups.ListAsync(states, types, cancellationToken);

    public async ValueTask<GroupDescription[]> DescribeAsync(string[] groups, CancellationToken cancellationToken) => config.IsGateway
        ? await transport.DescribeGroupsAsync(groups, cancellationToken).ConfigureAwait(false)
        : await Task.WhenAll(groups.Select(group => host.Groups.DescribeAsync(group, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask<DeleteGroupResult[]> DeleteAsync(string[] groups, CancellationToken cancellationToken)
    {
        if (config.IsGateway)
            return await transport.DeleteGroupsAsync(groups, cancellationToken).ConfigureAwait(false);

        var errors = await Task.WhenAll(groups.Select(group => host.Groups.DeleteAsync(group, cancellationToken).AsTask())).ConfigureAwait(false);
        return [.. groups.Zip(errors, static (group, error) => new DeleteGroupResult(group, error))];
    }
}

using Orleans.GrainDirectory;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// The door to one group's coordinator. The group itself lives in its coordinator shard, where listing, expiry and the callers in this process find it too; so
/// an activation holds nothing, and two of them do no harm (S11). With a broker in its key it answers for that broker alone; without one it passes the call on
/// to whichever broker is the coordinator now.
/// </summary>
[GroupPlacement, GrainDirectory(PinnedGrainDirectory.Name)]
internal sealed class GroupGrain(BrokerHost host, DirectGroupTransport groups) : Grain, IGroupGrain
{
    private string _groupId = "";
    private bool _passesOn;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_groupId, var brokerId) = GroupGrainKeys.Parse(this.GetPrimaryKeyString());
        _passesOn = brokerId is null;
        return Task.CompletedTask;
    }

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.JoinAsync(call, CancellationToken.None) : host.Groups.JoinAsync(call);
    }

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.SyncAsync(call, CancellationToken.None) : host.Groups.SyncAsync(call);
    }

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.HeartbeatAsync(call, CancellationToken.None) : host.Groups.HeartbeatAsync(call);
    }

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.LeaveAsync(call, CancellationToken.None) : host.Groups.LeaveAsync(call);
    }

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.CommitAsync(call, CancellationToken.None) : host.Groups.CommitAsync(call);
    }

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call)
    {
        call = call with { GroupId = _groupId };
        return _passesOn ? groups.FetchOffsetsAsync(call, CancellationToken.None) : host.Groups.FetchOffsetsAsync(call);
    }

    public ValueTask<GroupDescription> DescribeAsync() =>
        _passesOn ? groups.DescribeAsync(_groupId, CancellationToken.None) : host.Groups.DescribeAsync(_groupId);

    public ValueTask<ErrorCode> DeleteAsync() => _passesOn ? groups.DeleteAsync(_groupId, CancellationToken.None) : host.Groups.DeleteAsync(_groupId);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(TopicPartition[] partitions) => _passesOn
        ? groups.DeleteOffsetsAsync(_groupId, partitions, CancellationToken.None)
        : host.Groups.DeleteOffsetsAsync(_groupId, partitions);
}

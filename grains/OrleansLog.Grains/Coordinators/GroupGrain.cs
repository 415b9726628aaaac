using Orleans.GrainDirectory;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// The door to one group's coordinator. The group itself lives in its coordinator shard, where listing, expiry and the callers in this process find it too; so
/// an activation holds nothing, and two of them do no harm (S11). With a broker in its key it answers for that broker alone; without one it passes the call on
/// to whichever broker is the coordinator now.
/// </summary>
[GroupPlacement, GrainDirectory(PinnedGrainDirectory.Name)]
internal sealed class GroupGrain(BrokerHost host, DirectGroupTransport anywhere) : Grain, IGroupGrain
{
    private string _groupId = "";
    private bool _isOfBroker;

    private IGroupCoordinator Coordinator => _isOfBroker ? host.Groups : anywhere;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_groupId, var brokerId) = GroupGrainKeys.Parse(this.GetPrimaryKeyString());
        _isOfBroker = brokerId is not null;
        return Task.CompletedTask;
    }

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call) => Coordinator.JoinAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call) => Coordinator.SyncAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call) => Coordinator.HeartbeatAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call) => Coordinator.LeaveAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call) => Coordinator.CommitAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call) =>
        Coordinator.FetchOffsetsAsync(call with { GroupId = _groupId }, CancellationToken.None);

    public ValueTask<GroupDescription> DescribeAsync() => Coordinator.DescribeAsync(_groupId, CancellationToken.None);

    public ValueTask<ErrorCode> DeleteAsync() => Coordinator.DeleteAsync(_groupId, CancellationToken.None);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(TopicPartition[] partitions) =>
        Coordinator.DeleteOffsetsAsync(_groupId, partitions, CancellationToken.None);
}

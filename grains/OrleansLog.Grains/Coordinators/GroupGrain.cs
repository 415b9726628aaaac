using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// The door to one group's coordinator on this silo. The group itself lives in its coordinator shard, where listing, expiry and the callers in
/// this process find it too; so an activation holds nothing, and two of them do no harm (S11).
/// </summary>
[GroupPlacement]
internal sealed class GroupGrain(BrokerHost host) : Grain, IGroupGrain
{
    private string _groupId = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _groupId = GroupGrainKeys.ToGroupId(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call) => host.Groups.JoinAsync(call with { GroupId = _groupId });

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call) => host.Groups.SyncAsync(call with { GroupId = _groupId });

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call) => new(host.Groups.Heartbeat(call with { GroupId = _groupId }));

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call) => host.Groups.LeaveAsync(call with { GroupId = _groupId });

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call) => host.Groups.CommitAsync(call with { GroupId = _groupId });

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call) => new(host.Groups.FetchOffsets(call with { GroupId = _groupId }));

    public ValueTask<GroupDescription> DescribeAsync() => new(host.Groups.Describe(_groupId));

    public ValueTask<ErrorCode> DeleteAsync() => host.Groups.DeleteAsync(_groupId);

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(TopicPartition[] partitions) => host.Groups.DeleteOffsetsAsync(_groupId, partitions);
}

using Orleans.GrainDirectory;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>
/// The door to one group's coordinator on this silo. The group itself lives in its coordinator shard, where listing, expiry and the callers in
/// this process find it too; so an activation holds nothing, and two of them do no harm (S11).
/// </summary>
[GroupPlacement, GrainDirectory(PinnedGrainDirectory.Name)]
internal sealed class GroupGrain(BrokerHost host) : Grain, IGroupGrain
{
    private string _groupId = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _groupId = GroupGrainKeys.ToGroupId(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call) => AskAsync(groups => groups.JoinAsync(call with { GroupId = _groupId }));

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call) => AskAsync(groups => groups.SyncAsync(call with { GroupId = _groupId }));

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call) => AskAsync(groups => groups.HeartbeatAsync(call with { GroupId = _groupId }));

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call) => AskAsync(groups => groups.LeaveAsync(call with { GroupId = _groupId }));

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call) => AskAsync(groups => groups.CommitAsync(call with { GroupId = _groupId }));

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call) =>
        AskAsync(groups => groups.FetchOffsetsAsync(call with { GroupId = _groupId }));

    public ValueTask<GroupDescription> DescribeAsync() => AskAsync(groups => groups.DescribeAsync(_groupId));

    public ValueTask<ErrorCode> DeleteAsync() => AskAsync(groups => groups.DeleteAsync(_groupId));

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(TopicPartition[] partitions) => AskAsync(groups => groups.DeleteOffsetsAsync(_groupId, partitions));

    /// <summary>A Kafka client looks for its coordinator first, which makes the topic of the groups; who calls a grain has nothing to look for.</summary>
    private ValueTask<T> AskAsync<T>(Func<LocalGroups, ValueTask<T>> ask)
    {
        var found = host.Groups.FindCoordinatorAsync(_groupId);
        return found.IsCompletedSuccessfully ? ask(host.Groups) : AfterwardsAsync(found, ask);
    }

    private async ValueTask<T> AfterwardsAsync<T>(ValueTask<CoordinatorLocation> found, Func<LocalGroups, ValueTask<T>> ask)
    {
        await found;
        return await ask(host.Groups);
    }
}

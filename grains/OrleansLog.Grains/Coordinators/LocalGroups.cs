using OrleansLog.Core.Groups;
using OrleansLog.Grains.Coordinators;

namespace OrleansLog.Grains;

/// <summary>
/// The groups that this silo's broker coordinates: what the group grain, the direct transport and the listeners stand on. A group of another
/// broker is answered with NOT_COORDINATOR, which sends a client to the right one.
/// </summary>
public sealed partial class LocalGroups : IGroupCoordinator
{
    private readonly CoordinatorTable _table;
    private readonly OffsetsTopic _topic;
    private readonly CoordinatorContext _context;

    internal LocalGroups(CoordinatorTable table, OffsetsTopic topic, CoordinatorContext context)
    {
        _table = table;
        _topic = topic;
        _context = context;
    }

    /// <summary>Finds the broker that coordinates a group; the first call of all makes <c>__consumer_offsets</c>.</summary>
    public ValueTask<CoordinatorLocation> FindCoordinatorAsync(string groupId)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        return _topic.FindAsync(groupId);
    }

    /// <summary>A member wants into the next generation; waits until that begins.</summary>
    public async ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.GroupId.Length == 0)
            return JoinGroupResult.Failure(ErrorCode.InvalidGroupId, call.MemberId);

        var reply = await CallAsync(
            call.GroupId, mayCreate: true, GroupMapping.ToCore(call), static (group, join, ticket, time, decisions) => group.Join(join, ticket, time, decisions),
            cancellationToken).ConfigureAwait(false);
        return reply.Answer is JoinAnswer answer ? GroupMapping.ToResult(answer) : JoinGroupResult.Failure(reply.Error, call.MemberId);
    }

    /// <summary>A member wants its assignment; waits for the leader's decision and its record.</summary>
    public async ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.GroupId.Length == 0)
            return SyncGroupResult.Failure(ErrorCode.InvalidGroupId);

        var image = _context.Metadata.Current;
        var reply = await CallAsync(
            call.GroupId, mayCreate: false, (Sync: GroupMapping.ToCore(call), Image: image),
            static (group, args, ticket, time, decisions) => group.Sync(
                args.Sync.ServerAssignor ? args.Sync with { PartitionCounts = GroupMapping.PartitionCounts(group.AssignableTopics, args.Image) } : args.Sync,
                ticket, time, decisions),
            cancellationToken).ConfigureAwait(false);
        return reply.Answer is SyncAnswer answer ? GroupMapping.ToResult(answer) : SyncGroupResult.Failure(MemberError(reply.Error));
    }

    /// <summary>A member is alive.</summary>
    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.GroupId.Length == 0)
            return new(ErrorCode.InvalidGroupId);

        return AskAsync(
            call.GroupId, call, static (group, beat, time, _) => group.Heartbeat(beat.MemberId, beat.GroupInstanceId, beat.GenerationId, time),
            static (error, _) => MemberError(error), cancellationToken);
    }

    /// <summary>Members leave.</summary>
    public async ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.GroupId.Length == 0)
            return new LeaveGroupResult(ErrorCode.InvalidGroupId, []);

        var reply = await CallAsync(
            call.GroupId, mayCreate: false, GroupMapping.ToCore(call),
            static (group, leave, ticket, time, decisions) => group.Leave(leave, ticket, time, decisions), cancellationToken).ConfigureAwait(false);
        if (reply.Error == ErrorCode.GroupIdNotFound)
            return new LeaveGroupResult(ErrorCode.None, [.. call.Members.Select(static _ => ErrorCode.UnknownMemberId)]);

        return reply.Answer is LeaveAnswer answer
            ? new LeaveGroupResult(answer.Error, answer.Error == ErrorCode.None ? [.. answer.Members.Select(static member => member.Error)] : [])
            : new LeaveGroupResult(reply.Error, []);
    }

    /// <summary>Deletes an empty group with its offsets.</summary>
    public async ValueTask<ErrorCode> DeleteAsync(string groupId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        var reply = await CallAsync(
            groupId, mayCreate: false, 0, static (group, _, ticket, _, decisions) => group.Delete(ticket, decisions), cancellationToken).ConfigureAwait(false);
        return reply.Answer?.Error ?? reply.Error;
    }

    /// <summary>A member of a group that does not exist is not known either.</summary>
    private static ErrorCode MemberError(ErrorCode error) => error == ErrorCode.GroupIdNotFound ? ErrorCode.UnknownMemberId : error;

    private async ValueTask<GroupReply> CallAsync<TCall>(
        string groupId, bool mayCreate, TCall call, GroupEvent<TCall> groupEvent, CancellationToken cancellationToken)
    {
        var (shard, refusal) = await _table.FindLoadedAsync(groupId, cancellationToken).ConfigureAwait(false);
        if (shard is null)
            return new GroupReply(refusal, null);
        if (!_context.TryBeginWait())
            return new GroupReply(ErrorCode.CoordinatorNotAvailable, null);

        try
        {
            return await shard.CallAsync(groupId, mayCreate, call, groupEvent).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _context.EndWait();
        }
    }

    /// <summary>An event that is answered at once; the shard that loads is waited for.</summary>
    private ValueTask<TResult> AskAsync<TCall, TResult>(
        string groupId, TCall call, Func<GroupState<GroupTicket>, TCall, GroupTime, GroupDecisions<GroupTicket>, TResult> ask,
        Func<ErrorCode, TCall, TResult> refused, CancellationToken cancellationToken)
    {
        var finding = _table.FindLoadedAsync(groupId, cancellationToken);
        return finding.IsCompletedSuccessfully ? new(Ask(finding.Result, groupId, call, ask, refused)) : AskLaterAsync(finding, groupId, call, ask, refused);
    }

    private static async ValueTask<TResult> AskLaterAsync<TCall, TResult>(
        ValueTask<FoundShard> finding, string groupId, TCall call, Func<GroupState<GroupTicket>, TCall, GroupTime, GroupDecisions<GroupTicket>, TResult> ask,
        Func<ErrorCode, TCall, TResult> refused) => Ask(await finding.ConfigureAwait(false), groupId, call, ask, refused);

    private static TResult Ask<TCall, TResult>(
        FoundShard found, string groupId, TCall call, Func<GroupState<GroupTicket>, TCall, GroupTime, GroupDecisions<GroupTicket>, TResult> ask,
        Func<ErrorCode, TCall, TResult> refused) =>
        found.Shard is { } shard ? shard.Ask(groupId, call, ask, error => refused(error, call)) : refused(found.Refusal, call);
}

using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>The sync barrier: the leader's assignment, written before anybody works by it.</content>
public sealed partial class GroupState<TTicket>
{
    private long _syncEndsMs = long.MaxValue;

    /// <summary>A member wants its assignment; the answer waits for the leader's decision and its record.</summary>
    /// <param name="call">The request.</param>
    /// <param name="ticket">Comes back with a <see cref="SyncAnswer"/>.</param>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Sync(SyncCall call, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(decisions);
        var error = CheckSync(call);
        if (error != ErrorCode.None)
        {
            decisions.Answer(ticket, new SyncAnswer { Error = error });
            return;
        }

        var member = _members.Find(call.MemberId)!;
        if (_members.PendingSync.Remove(member.MemberId) && _members.PendingSync.Count == 0)
            _syncEndsMs = long.MaxValue;

        if (Phase == GroupPhase.Stable)
        {
            KeepSession(member, time);
            decisions.Answer(ticket, AssignmentOf(member));
            return;
        }

        decisions.Answer(member.WaitingSync, new SyncAnswer { Error = ErrorCode.RebalanceInProgress });
        member.WaitingSync = ticket;
        if (member.MemberId == LeaderId && !IsAssignmentPending)
            WriteAssignment(call, time, decisions);
    }

    private ErrorCode CheckSync(SyncCall call)
    {
        if (Phase == GroupPhase.Dead)
            return ErrorCode.CoordinatorNotAvailable;

        var error = CheckMember(call.MemberId, call.GroupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (call.GenerationId != GenerationId)
            return ErrorCode.IllegalGeneration;
        if ((call.ProtocolType is not null && call.ProtocolType != ProtocolType)
            || (call.ProtocolName is not null && call.ProtocolName != ProtocolName))
            return ErrorCode.InconsistentGroupProtocol;

        return Phase switch
        {
            GroupPhase.PreparingRebalance => ErrorCode.RebalanceInProgress,
            GroupPhase.Empty => ErrorCode.UnknownMemberId,
            _ => ErrorCode.None,
        };
    }

    private bool IsAssignmentPending
    {
        get
        {
            foreach (var pending in _pendingAppends.Values)
            {
                if (pending is AssignmentAppend assignment && assignment.GenerationId == GenerationId)
                    return true;
            }

            return false;
        }
    }

    private void WriteAssignment(SyncCall call, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var assignments = new Dictionary<string, byte[]>(_members.Count);
        if (call.ServerAssignor)
        {
            if (!TryAssign(call.PartitionCounts, assignments))
            {
                RefuseSyncs(_topicsLackRoom ? ErrorCode.CoordinatorNotAvailable : ErrorCode.InconsistentGroupProtocol, time, decisions);
                PrepareRebalance(time, decisions);
                return;
            }
        }
        else
        {
            foreach (var share in call.Assignments)
            {
                if (_members.Find(share.MemberId) is not null)
                    assignments[share.MemberId] = share.Assignment.ToArray();
            }
        }

        if (!TryTakeRoom(GrowthOf(assignments), isNew: false))
        {
            // Room comes back when others go, so this error must not be a final one: clients rejoin after it.
            RefuseSyncs(ErrorCode.CoordinatorNotAvailable, time, decisions);
            PrepareRebalance(time, decisions);
            return;
        }

        AppendGroup(new AssignmentAppend(GenerationId, assignments), assignments, decisions);
    }

    /// <summary>What the members hold more with these assignments.</summary>
    private long GrowthOf(Dictionary<string, byte[]> assignments)
    {
        var before = 0L;
        foreach (var member in _members.All)
            before += member.Assignment.Length;

        return _appendBytes == 0
            ? assignments.Values.Sum(static share => (long)share.Length) - before
            : (2 * MemberSize.OfShares(assignments)) + RoomForRecord;
    }

    private void AssignmentWritten(AssignmentAppend written, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (Phase != GroupPhase.CompletingRebalance || written.GenerationId != GenerationId)
            return; // the group has moved on

        foreach (var member in _members.All)
            _members.Assign(member, written.Assignments.GetValueOrDefault(member.MemberId, []));

        Enter(GroupPhase.Stable, time);
        foreach (var member in _members.All)
        {
            if (AnswerSync(member, AssignmentOf(member), decisions))
                KeepSession(member, time);
        }
    }

    private void AssignmentFailed(AssignmentAppend failed, ErrorCode error, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (Phase != GroupPhase.CompletingRebalance || failed.GenerationId != GenerationId)
            return;

        RefuseSyncs(error, time, decisions);
        PrepareRebalance(time, decisions);
    }

    /// <summary>Takes every assignment back and answers the syncs that wait.</summary>
    private void RefuseSyncs(ErrorCode error, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        foreach (var member in _members.All)
        {
            _members.Assign(member, []);
            if (AnswerSync(member, new SyncAnswer { Error = error }, decisions))
                KeepSession(member, time);
        }
    }

    private SyncAnswer AssignmentOf(GroupMember<TTicket> member) =>
        new() { ProtocolType = ProtocolType, ProtocolName = ProtocolName, Assignment = member.Assignment };

    /// <summary>True for a member that waited: its session begins anew with the answer. One that does not wait has shown no sign of life.</summary>
    private static bool AnswerSync(GroupMember<TTicket> member, SyncAnswer answer, GroupDecisions<TTicket> decisions)
    {
        if (member.WaitingSync is null)
            return false;

        decisions.Answer(member.WaitingSync, answer);
        member.WaitingSync = null;
        return true;
    }

    /// <summary>The members that never asked for their assignment are out, and the others form a new generation.</summary>
    private void SyncBarrierEnded(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        _syncEndsMs = long.MaxValue;
        if (Phase is not (GroupPhase.CompletingRebalance or GroupPhase.Stable) || _members.PendingSync.Count == 0)
            return;

        foreach (var memberId in _members.PendingSync.ToArray())
        {
            if (_members.Find(memberId) is { } member)
                Remove(member, ErrorCode.UnknownMemberId, decisions);
        }

        PrepareRebalance(time, decisions);
    }
}

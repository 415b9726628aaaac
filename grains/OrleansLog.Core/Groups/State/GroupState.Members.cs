using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>Members that live, leave and fall silent.</content>
public sealed partial class GroupState<TTicket>
{
    private long _firstSessionEndsMs = long.MaxValue;

    /// <summary>A member is alive; the answer tells it to rejoin when the group rebalances.</summary>
    /// <param name="memberId">Its id.</param>
    /// <param name="groupInstanceId">Its instance id, or null.</param>
    /// <param name="generationId">The generation that it works in.</param>
    /// <param name="time">When.</param>
    public ErrorCode Heartbeat(string memberId, string? groupInstanceId, int generationId, GroupTime time)
    {
        if (Phase == GroupPhase.Dead)
            return ErrorCode.CoordinatorNotAvailable;

        var error = CheckMember(memberId, groupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (generationId != GenerationId)
            return ErrorCode.IllegalGeneration;
        if (Phase == GroupPhase.Empty)
            return ErrorCode.UnknownMemberId;

        KeepSession(_members.Find(memberId)!, time);
        return Phase == GroupPhase.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Members go; the rest rebalances. Answered at once.</summary>
    /// <param name="call">Who leaves.</param>
    /// <param name="ticket">Comes back with a <see cref="LeaveAnswer"/>.</param>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Leave(LeaveCall call, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(decisions);
        if (Phase == GroupPhase.Dead)
        {
            decisions.Answer(ticket, new LeaveAnswer { Error = ErrorCode.CoordinatorNotAvailable });
            return;
        }

        var left = new LeftMember[call.Members.Count];
        var anyLeft = false;
        for (var i = 0; i < left.Length; i++)
        {
            var asked = call.Members[i];
            var error = LeaveOne(asked, decisions);
            anyLeft |= error == ErrorCode.None;
            left[i] = new(asked.MemberId, asked.GroupInstanceId, error);
        }

        decisions.Answer(ticket, new LeaveAnswer { Members = left });
        if (anyLeft && Phase != GroupPhase.Empty)
            RebalanceOrCompleteJoin(time, decisions);
    }

    private ErrorCode LeaveOne(MemberToLeave asked, GroupDecisions<TTicket> decisions)
    {
        if (_members.Forget(asked.MemberId))
            return ErrorCode.None;

        var memberId = asked.MemberId;
        if (memberId.Length == 0 && asked.GroupInstanceId is { } instance)
            memberId = _members.StaticMemberId(instance) ?? "";

        var error = CheckMember(memberId, asked.GroupInstanceId);
        if (error == ErrorCode.None)
            Remove(_members.Find(memberId)!, ErrorCode.UnknownMemberId, decisions);

        return error;
    }

    /// <summary>Time passed: sessions end, barriers open.</summary>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Tick(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Phase == GroupPhase.Dead)
            return;
        if (_firstSessionEndsMs <= time.NowMs)
            EndSessions(time, decisions);
        if (_syncEndsMs <= time.NowMs)
            SyncBarrierEnded(time, decisions);
        if (_joinEndsMs > time.NowMs)
            return;

        if (_isInitialDelay)
            InitialDelayEnded(time, decisions);
        else
            CompleteJoin(time, decisions);
    }

    private void EndSessions(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        List<GroupMember<TTicket>>? silent = null;
        var anyForgotten = false;
        _firstSessionEndsMs = long.MaxValue;
        foreach (var (memberId, endsMs) in _members.Pending)
        {
            if (endsMs > time.NowMs)
                _firstSessionEndsMs = Math.Min(_firstSessionEndsMs, endsMs);
            else
                anyForgotten |= _members.Forget(memberId);
        }

        foreach (var member in _members.All)
        {
            if (member.SessionEndsMs > time.NowMs)
                _firstSessionEndsMs = Math.Min(_firstSessionEndsMs, member.SessionEndsMs);
            else if (member.IsNew || !member.Waits)
                (silent ??= []).Add(member);
            else
                member.SessionEndsMs = long.MaxValue; // it waits for us; its session begins anew with the answer
        }

        foreach (var member in silent ?? [])
            Remove(member, ErrorCode.UnknownMemberId, decisions);

        if (silent is not null && Phase != GroupPhase.Empty)
            RebalanceOrCompleteJoin(time, decisions);
        else if (anyForgotten)
            CompleteJoinIfAllCame(time, decisions);
    }

    private void RemoveAndRebalance(GroupMember<TTicket> member, ErrorCode error, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        Remove(member, error, decisions);
        if (Phase != GroupPhase.Empty)
            RebalanceOrCompleteJoin(time, decisions);
    }

    private void Remove(GroupMember<TTicket> member, ErrorCode error, GroupDecisions<TTicket> decisions)
    {
        AnswerJoin(member, new JoinAnswer { Error = error, MemberId = member.MemberId }, decisions);
        AnswerSync(member, new SyncAnswer { Error = error }, decisions);
        _members.Remove(member);
        if (_members.PendingSync.Count == 0)
            _syncEndsMs = long.MaxValue;
    }

    private void KeepSession(GroupMember<TTicket> member, GroupTime time) =>
        member.SessionEndsMs = SessionEnd(time, member.IsNew && member.WaitingJoin is not null ? _settings.NewMemberJoinTimeoutMs : member.SessionTimeoutMs);

    private long SessionEnd(GroupTime time, int timeoutMs)
    {
        var endsMs = time.NowMs + timeoutMs;
        _firstSessionEndsMs = Math.Min(_firstSessionEndsMs, endsMs);
        return endsMs;
    }
}

using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>The join barrier: who is waited for, how long, and the next generation.</content>
public sealed partial class GroupState<TTicket>
{
    private long _joinEndsMs = long.MaxValue;
    private bool _isInitialDelay;
    private int _initialDelayMs;
    private int _initialRemainingMs;
    private bool _newcomers;

    private void RebalanceOrCompleteJoin(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (Phase is GroupPhase.Empty or GroupPhase.CompletingRebalance or GroupPhase.Stable)
            PrepareRebalance(time, decisions);
        else
            CompleteJoinIfAllCame(time, decisions);
    }

    private void PrepareRebalance(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (Phase == GroupPhase.CompletingRebalance)
            RefuseSyncs(ErrorCode.RebalanceInProgress, time, decisions);

        _syncEndsMs = long.MaxValue;
        var isInitial = Phase == GroupPhase.Empty;
        Enter(GroupPhase.PreparingRebalance, time);
        _isInitialDelay = isInitial;
        if (isInitial)
        {
            _newcomers = false;
            var delayMs = _settings.InitialRebalanceDelayMs;
            DelayInitial(delayMs, Math.Max(_members.MaxRebalanceTimeoutMs - delayMs, 0), time, decisions);
            return;
        }

        if (!AllCame)
            _joinEndsMs = time.NowMs + _members.MaxRebalanceTimeoutMs;
        else
            CompleteJoin(time, decisions);
    }

    private bool AllCame => _members.WaitingJoins == _members.Count && _members.Pending.Count == 0;

    private void CompleteJoinIfAllCame(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (Phase == GroupPhase.PreparingRebalance && AllCame && !_isInitialDelay)
            CompleteJoin(time, decisions);
    }

    /// <summary>The initial delay is over: prolonged while members came meanwhile, up to the rebalance timeout.</summary>
    private void InitialDelayEnded(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (!_newcomers || _initialRemainingMs == 0)
        {
            CompleteJoin(time, decisions);
            return;
        }

        _newcomers = false;
        var delayMs = Math.Min(_settings.InitialRebalanceDelayMs, _initialRemainingMs);
        DelayInitial(delayMs, Math.Max(_initialRemainingMs - _initialDelayMs, 0), time, decisions);
    }

    private void DelayInitial(int delayMs, int remainingMs, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        (_initialDelayMs, _initialRemainingMs) = (delayMs, remainingMs);
        _joinEndsMs = time.NowMs + delayMs;
        if (delayMs <= 0)
            CompleteJoin(time, decisions);
    }

    /// <summary>Everybody came, or the time is up: dynamic members that did not come are out, static ones keep their place (KIP-345).</summary>
    private void CompleteJoin(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        _joinEndsMs = long.MaxValue;
        RemoveAbsent(decisions);
        if (_members.Count > 0 && !ElectLeader())
        {
            // Only absent static members are left: wait until their sessions end.
            _isInitialDelay = false;
            _joinEndsMs = time.NowMs + Math.Max(1, _members.MaxRebalanceTimeoutMs);
            return;
        }

        _isInitialDelay = false;
        GenerationId++;
        _members.PendingSync.Clear();
        if (_members.Count == 0)
        {
            ProtocolName = null;
            KeepTopics(IsConsumerGroup ? [] : null);
            Enter(GroupPhase.Empty, time);
            AppendGroup(new PendingAppend(), null, decisions);
            return;
        }

        ProtocolName = _members.Vote();
        KeepTopics(SubscribedTopicsOf());
        Enter(GroupPhase.CompletingRebalance, time);
        foreach (var member in _members.All)
        {
            AnswerJoin(member, AnswerOfGeneration(member, withMembers: true), decisions);
            member.IsNew = false;
            _members.PendingSync.Add(member.MemberId);
            KeepSession(member, time);
        }

        _syncEndsMs = time.NowMs + _members.MaxRebalanceTimeoutMs;
    }

    private void RemoveAbsent(GroupDecisions<TTicket> decisions)
    {
        List<GroupMember<TTicket>>? absent = null;
        foreach (var member in _members.All)
        {
            if (member.WaitingJoin is null && member.GroupInstanceId is null)
                (absent ??= []).Add(member);
        }

        foreach (var member in absent ?? [])
            Remove(member, ErrorCode.UnknownMemberId, decisions);
    }

    /// <summary>The leader stays if it came; else the first member that came leads.</summary>
    private bool ElectLeader()
    {
        if (_members.Find(LeaderId)?.WaitingJoin is not null)
            return true;

        foreach (var member in _members.All)
        {
            if (member.WaitingJoin is null)
                continue;

            _members.LeaderId = member.MemberId;
            return true;
        }

        return false;
    }

    private void AnswerJoin(GroupMember<TTicket> member, JoinAnswer answer, GroupDecisions<TTicket> decisions)
    {
        decisions.Answer(member.WaitingJoin, answer);
        _members.Wait(member, null);
    }
}

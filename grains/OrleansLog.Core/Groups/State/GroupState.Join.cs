using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

public sealed partial class GroupState<TTicket>
{
    /// <summary>A member wants into the next generation; the answer may wait for the others.</summary>
    /// <param name="call">The request.</param>
    /// <param name="ticket">Comes back with a <see cref="JoinAnswer"/>.</param>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Join(JoinCall call, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(decisions);
        var error = CheckJoin(call);
        if (error == ErrorCode.GroupMaxSizeReached)
            RefuseOversize(call.MemberId, ticket, time, decisions);
        else if (error != ErrorCode.None)
            decisions.Answer(ticket, new JoinAnswer { Error = error, MemberId = call.MemberId });
        else if (call.MemberId.Length == 0)
            JoinWithoutId(call, ticket, time, decisions);
        else if (_members.Pending.ContainsKey(call.MemberId))
            Admit(call, call.MemberId, ticket, time, decisions);
        else
            JoinAgain(call, _members.Find(call.MemberId)!, ticket, time, decisions);
    }

    private ErrorCode CheckJoin(JoinCall call)
    {
        if (call.SessionTimeoutMs < _settings.MinSessionTimeoutMs || call.SessionTimeoutMs > _settings.MaxSessionTimeoutMs)
            return ErrorCode.InvalidSessionTimeout;
        if (Phase == GroupPhase.Dead)
            return ErrorCode.CoordinatorNotAvailable;
        if (call.MemberId.Length > 0 && IsUnknown)
            return ErrorCode.UnknownMemberId;
        if (!HasRoomFor(call.MemberId))
            return ErrorCode.GroupMaxSizeReached;
        if (!Supports(call) || HasForeignMembers)
            return ErrorCode.InconsistentGroupProtocol;
        if (call.MemberId.Length == 0)
            return ErrorCode.None;

        if (_members.Pending.ContainsKey(call.MemberId))
            return call.GroupInstanceId is null ? ErrorCode.None : ErrorCode.UnknownMemberId;

        return CheckMember(call.MemberId, call.GroupInstanceId);
    }

    /// <summary><c>group.max.size</c>: while joining, who came first; otherwise, who is a member.</summary>
    private bool HasRoomFor(string memberId)
    {
        var member = memberId.Length == 0 ? null : _members.Find(memberId);
        return Phase switch
        {
            GroupPhase.PreparingRebalance => member?.WaitingJoin is not null || _members.WaitingJoins < _settings.MaxSize,
            GroupPhase.CompletingRebalance or GroupPhase.Stable => member is not null || _members.Count < _settings.MaxSize,
            _ => true,
        };
    }

    private bool Supports(JoinCall call) => Phase == GroupPhase.Empty
        ? call.ProtocolType.Length > 0 && call.Protocols.Count > 0
        : call.ProtocolType == ProtocolType && _members.SupportAny(call.Protocols);

    private void RefuseOversize(string memberId, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        decisions.Answer(ticket, new JoinAnswer { Error = ErrorCode.GroupMaxSizeReached });
        if (memberId.Length == 0)
            return;

        if (_members.Forget(memberId))
            CompleteJoinIfAllCame(time, decisions);
        else if (_members.Find(memberId) is { } member)
            RemoveAndRebalance(member, ErrorCode.GroupMaxSizeReached, time, decisions);
    }

    private void JoinWithoutId(JoinCall call, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        if (call.GroupInstanceId is { } instance)
        {
            if (_members.StaticMemberId(instance) is { } current)
                ReplaceStatic(call, _members.Find(current)!, ticket, time, decisions);
            else
                Admit(call, call.NewMemberId, ticket, time, decisions);
        }
        else if (!call.RequireKnownMemberId)
        {
            Admit(call, call.NewMemberId, ticket, time, decisions);
        }
        else if (_members.Pending.Count >= _settings.MaxPendingMembers || !TryTakeRoom(MemberSize.OfPending(call.NewMemberId), isNew: true))
        {
            decisions.Answer(ticket, new JoinAnswer { Error = ErrorCode.GroupMaxSizeReached });
        }
        else
        {
            _members.Expect(call.NewMemberId, SessionEnd(time, call.SessionTimeoutMs));
            decisions.Answer(ticket, new JoinAnswer { Error = ErrorCode.MemberIdRequired, MemberId = call.NewMemberId });
        }
    }

    /// <summary>A new member; the group rebalances.</summary>
    private void Admit(JoinCall call, string memberId, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var member = NewMember(call, memberId);
        var toldBytes = _members.Pending.ContainsKey(memberId) ? MemberSize.OfPending(memberId) : 0;
        if (!TryTakeRoom(member.Bytes - toldBytes, isNew: true))
        {
            RefuseOversize(call.MemberId, ticket, time, decisions);
            return;
        }

        _members.Forget(memberId);
        member.WaitingJoin = ticket;
        member.IsNew = true;
        member.SessionEndsMs = SessionEnd(time, _settings.NewMemberJoinTimeoutMs);
        if (_members.Count == 0)
            ProtocolType = call.ProtocolType;

        _members.Add(member);
        ReplaceForeign(decisions);
        if (Phase == GroupPhase.PreparingRebalance && _previousPhase == GroupPhase.Empty)
            _newcomers = true;

        RebalanceOrCompleteJoin(time, decisions);
    }

    private void JoinAgain(JoinCall call, GroupMember<TTicket> member, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var mustRebalance = Phase switch
        {
            GroupPhase.PreparingRebalance => true,
            GroupPhase.CompletingRebalance => !member.Offers(call.Protocols),
            _ => LeaderId == member.MemberId || !member.Offers(call.Protocols),
        };
        if (mustRebalance)
        {
            var protocols = CopyOf(call.Protocols);
            if (!TryTakeRoom(MemberSize.OfProtocols(protocols) - MemberSize.OfProtocols(member.Protocols), isNew: false))
            {
                RefuseOversize(call.MemberId, ticket, time, decisions);
                return;
            }

            Update(member, call, protocols, ticket, decisions);
            RebalanceOrCompleteJoin(time, decisions);
            return;
        }

        // It lost the answer of this generation, or a follower rejoins without a change: it gets the generation as it is.
        KeepSession(member, time);
        decisions.Answer(ticket, AnswerOfGeneration(member, Phase == GroupPhase.CompletingRebalance));
    }

    private GroupMember<TTicket> NewMember(JoinCall call, string memberId) => new(memberId, call.GroupInstanceId)
    {
        ClientId = call.ClientId,
        ClientHost = call.ClientHost,
        SessionTimeoutMs = call.SessionTimeoutMs,
        RebalanceTimeoutMs = RebalanceTimeoutOf(call.RebalanceTimeoutMs, call.SessionTimeoutMs),
        Protocols = CopyOf(call.Protocols),
    };

    /// <summary>Takes over what the member offers now. A join of it that waited is the client's past: it is told to join again.</summary>
    private void Update(GroupMember<TTicket> member, JoinCall call, JoinProtocol[] protocols, TTicket ticket, GroupDecisions<TTicket> decisions)
    {
        decisions.Answer(member.WaitingJoin, new JoinAnswer { Error = ErrorCode.RebalanceInProgress, MemberId = member.MemberId });
        _members.Offer(member, protocols);
        _members.Wait(member, ticket);
        member.SessionTimeoutMs = call.SessionTimeoutMs;
        member.RebalanceTimeoutMs = RebalanceTimeoutOf(call.RebalanceTimeoutMs, call.SessionTimeoutMs);
    }

    private JoinAnswer AnswerOfGeneration(GroupMember<TTicket> member, bool withMembers) => new()
    {
        MemberId = member.MemberId,
        GenerationId = GenerationId,
        ProtocolType = ProtocolType,
        ProtocolName = ProtocolName,
        Leader = LeaderId,
        Members = withMembers && member.MemberId == LeaderId ? MembersOfGeneration() : [],
    };

    private GenerationMember[] MembersOfGeneration()
    {
        var members = new GenerationMember[_members.Count];
        var i = 0;
        foreach (var member in _members.All)
            members[i++] = new(member.MemberId, member.GroupInstanceId, member.MetadataOf(ProtocolName));

        return members;
    }

    /// <summary>The session's where none is given, and never longer than a group may be held up.</summary>
    private int RebalanceTimeoutOf(int askedMs, int sessionMs) => Math.Min(askedMs < 0 ? sessionMs : askedMs, _settings.MaxRebalanceTimeoutMs);

    /// <summary>Requests lie in pooled memory: what is kept is copied. A name given twice counts once.</summary>
    private static JoinProtocol[] CopyOf(IReadOnlyList<JoinProtocol> protocols)
    {
        var copy = new List<JoinProtocol>(protocols.Count);
        var names = new HashSet<string>(protocols.Count);
        foreach (var protocol in protocols)
        {
            if (names.Add(protocol.Name))
                copy.Add(protocol with { Metadata = protocol.Metadata.ToArray() });
        }

        return [.. copy];
    }
}

using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>A static member that comes back under a new member id (KIP-345).</content>
public sealed partial class GroupState<TTicket>
{
    /// <summary>The newcomer takes the place of the member with its instance id, which is fenced at once.</summary>
    private void ReplaceStatic(
        JoinCall call, GroupMember<TTicket> old, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var member = NewMember(call, call.NewMemberId);
        member.Assignment = old.Assignment;
        var error = !TryTakeRoom(member.Bytes - old.Bytes, isNew: false) ? ErrorCode.GroupMaxSizeReached
            : !TryTakeRoom(RoomForRecord, isNew: false) ? ErrorCode.CoordinatorNotAvailable // to be asked again: it takes no more than it had
            : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            decisions.Answer(ticket, new JoinAnswer { Error = error });
            return;
        }

        var leaderBefore = LeaderId;
        AnswerJoin(old, new JoinAnswer { Error = ErrorCode.FencedInstanceId, MemberId = old.MemberId }, decisions);
        AnswerSync(old, new SyncAnswer { Error = ErrorCode.FencedInstanceId }, decisions);
        _members.Replace(old, member);
        _members.Wait(member, ticket);
        KeepSession(member, time);

        if (Phase != GroupPhase.Stable || _members.Vote() != ProtocolName)
        {
            RebalanceOrCompleteJoin(time, decisions);
            return;
        }

        // Nobody else notices; but the new id must be known after a reload, so the answer waits for the record.
        var leads = LeaderId == member.MemberId;
        var answer = AnswerOfGeneration(member, withMembers: leads && call.SupportsSkippingAssignment) with
        {
            SkipAssignment = leads && call.SupportsSkippingAssignment,
            Leader = call.SupportsSkippingAssignment ? LeaderId : leaderBefore,
        };
        AppendGroup(new ReplaceAppend(old, member, ticket, answer) { MemberBytes = old.Bytes }, CurrentAssignments, decisions);
    }

    private void ReplacementWritten(ReplaceAppend replace, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var member = replace.Member;
        if (!ReferenceEquals(member.WaitingJoin, replace.Ticket) || Phase != GroupPhase.Stable || replace.Answer.GenerationId != GenerationId)
            return; // answered already, or it takes part in a rebalance that began meanwhile

        AnswerJoin(member, replace.Answer, decisions);
        KeepSession(member, time);
    }

    /// <summary>The old member comes back into its place, unless the place has changed hands again.</summary>
    private void ReplacementFailed(ReplaceAppend replace, ErrorCode error, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        var member = replace.Member;
        if (!ReferenceEquals(member.WaitingJoin, replace.Ticket) || Phase != GroupPhase.Stable)
            return;

        AnswerJoin(member, new JoinAnswer { Error = error, MemberId = "" }, decisions);
        if (_members.Find(member.MemberId) != member)
            return;

        _members.Replace(member, replace.Old);
        KeepSession(replace.Old, time);
    }
}

using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

public sealed partial class GroupState<TTicket>
{
    private readonly OrderedDictionary<long, PendingAppend> _pendingAppends = [];
    private long _lastAppendId;

    /// <summary>An append that was decided is committed, or failed: then what it was to change stays as it was.</summary>
    /// <param name="appendId"><see cref="GroupAppend.Id"/>; appends complete in the order in which they were decided.</param>
    /// <param name="error"><see cref="ErrorCode.None"/>, or what the partition answered.</param>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void AppendCompleted(long appendId, ErrorCode error, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (!_pendingAppends.Remove(appendId, out var pending))
            return; // unloaded meanwhile: answered already

        _appendBytes -= pending.MemberBytes;
        switch (pending)
        {
            case AssignmentAppend assignment when error == ErrorCode.None:
                AssignmentWritten(assignment, time, decisions);
                break;
            case AssignmentAppend assignment:
                AssignmentFailed(assignment, CoordinatorError(error), time, decisions);
                break;
            case ReplaceAppend replace when error == ErrorCode.None:
                ReplacementWritten(replace, time, decisions);
                break;
            case ReplaceAppend replace:
                ReplacementFailed(replace, CoordinatorError(error), time, decisions);
                break;
            case CommitAppend commit when error == ErrorCode.None:
                CommitWritten(commit, decisions);
                break;
            case ForgetAppend forget when error == ErrorCode.None:
                ForgetWritten(forget, decisions);
                break;
            case ForgetAppend { RemovesGroup: true } forget:
                Phase = GroupPhase.Empty;
                forget.Fail(CoordinatorError(error), decisions);
                break;
            case CommitAppend commit:
                commit.Fail(CommitError(error), decisions);
                break;
            default:
                if (error != ErrorCode.None)
                    pending.Fail(CoordinatorError(error), decisions);
                break;
        }
    }

    private void Append(PendingAppend pending, IReadOnlyList<GroupRecord> records, GroupDecisions<TTicket> decisions)
    {
        var id = ++_lastAppendId;
        _pendingAppends.Add(id, pending);
        _appendBytes += pending.MemberBytes;
        decisions.Appends.Add(new(id, records));
    }

    /// <summary>Appends the group's own record with these assignments.</summary>
    private void AppendGroup(PendingAppend pending, Dictionary<string, byte[]>? assignments, GroupDecisions<TTicket> decisions)
    {
        var record = MetadataRecord(assignments);
        pending.MemberBytes += record.Value!.Length;
        Append(pending, [record], decisions);
    }

    /// <summary>What a member is told when the group's record was not written, as Kafka maps it.</summary>
    private static ErrorCode CoordinatorError(ErrorCode append) => append switch
    {
        ErrorCode.UnknownTopicOrPartition or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.RequestTimedOut
            => ErrorCode.CoordinatorNotAvailable,
        ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch or ErrorCode.KafkaStorageError => ErrorCode.NotCoordinator,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidFetchSize => ErrorCode.UnknownServerError,
        _ => append,
    };

    private static ErrorCode CommitError(ErrorCode append) =>
        append is ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidFetchSize
            ? ErrorCode.InvalidCommitOffsetSize
            : CoordinatorError(append);
}

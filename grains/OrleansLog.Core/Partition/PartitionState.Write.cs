using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

public sealed partial class PartitionState<TTicket>
{
    /// <summary>Effective <c>min.insync.replicas</c>: never more than the replication factor.</summary>
    public int EffectiveMinInsyncReplicas =>
        Leadership is null ? MinInsyncReplicas : Math.Min(MinInsyncReplicas, Math.Max(1, Leadership.Replicas.Count));

    /// <summary>Whether an append would be taken now; asked again right before the append.</summary>
    /// <param name="acks">What the producer waits for.</param>
    /// <param name="currentLeaderEpoch">The leader epoch that the producer knows, or -1.</param>
    public ErrorCode CheckProduce(AckLevel acks, int currentLeaderEpoch)
    {
        var error = CheckLeader(currentLeaderEpoch);
        if (error != ErrorCode.None)
            return error;

        return acks == AckLevel.All && Leadership!.Isr.Count < EffectiveMinInsyncReplicas
            ? ErrorCode.NotEnoughReplicas
            : ErrorCode.None;
    }

    /// <summary>A group of batches was written and the log ends at <paramref name="logEndOffset"/>; waiting appends follow one by one.</summary>
    /// <param name="logEndOffset">Next offset to be written.</param>
    /// <param name="bytes">Size of the group.</param>
    /// <param name="decisions">Receives the answers.</param>
    public void Appended(long logEndOffset, long bytes, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentOutOfRangeException.ThrowIfLessThan(logEndOffset, LogEndOffset);
        LogEndOffset = logEndOffset;
        _appendedBytes += bytes;
        NoteUncommitted(logEndOffset);
        ReleaseStored(decisions);
    }

    /// <summary>
    /// An append of the group just written wants its answer, or the repetition of an earlier one, which is answered when that one would
    /// be; false: it may be given at once.
    /// </summary>
    /// <param name="nextOffset">The offset after its last record.</param>
    /// <param name="acks">What the producer waits for.</param>
    /// <param name="ticket">Comes back in a decision when the answer is due.</param>
    public bool MustWait(long nextOffset, AckLevel acks, TTicket ticket)
    {
        switch (acks)
        {
            case AckLevel.None:
                return false;
            case AckLevel.Leader when StoredEndOffset < nextOffset:
                _waitingForLeader.Enqueue(nextOffset, ticket);
                return true;
            case AckLevel.All when HighWatermark < nextOffset:
                _waitingForAll.Enqueue(nextOffset, ticket);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Its wait timed out; true when it still waited, and is now forgotten: the caller answers it as unknown.</summary>
    public bool Withdraw(TTicket ticket) => _waitingForLeader.Withdraw(ticket) || _waitingForAll.Withdraw(ticket);

    /// <summary>An fsync succeeded: everything below <paramref name="durableEndOffset"/> survives a power loss.</summary>
    public void BecameDurable(long durableEndOffset, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (durableEndOffset <= DurableEndOffset)
            return;

        DurableEndOffset = Math.Min(durableEndOffset, LogEndOffset);
        ReleaseStored(decisions);
    }

    /// <summary>A follower has everything below <paramref name="storedEndOffset"/>, stored as its flush policy defines it.</summary>
    public void FollowerStored(int brokerId, long storedEndOffset, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Role != PartitionRole.Leader || storedEndOffset > LogEndOffset)
            return;

        Find(brokerId)?.Stored(storedEndOffset);
        AdvanceHighWatermark(decisions);
    }

    /// <summary>The log start moved, by retention or DeleteRecords.</summary>
    public void LogStartMoved(long logStartOffset) => LogStartOffset = Math.Max(LogStartOffset, logStartOffset);

    private void ReleaseStored(PartitionDecisions<TTicket> decisions)
    {
        var stored = StoredEndOffset;
        while (_waitingForLeader.TryDequeueReached(stored, out var ticket))
            decisions.Acks.Add(new(ticket, ErrorCode.None));

        AdvanceHighWatermark(decisions);
    }

    /// <summary>
    /// The smallest stored end over the maximal ISR and over those that are about to join it; never while the ISR is too small, never
    /// backwards (S3).
    /// </summary>
    private void AdvanceHighWatermark(PartitionDecisions<TTicket> decisions)
    {
        if (Role != PartitionRole.Leader || IsUnderMinIsr)
            return;

        var committed = StoredEndOffset;
        foreach (var follower in _followers)
        {
            var position = follower.PositionUnder(CountsOnlyDurable);
            if (position < committed && (follower.IsInIsr || follower.IsJoining || IsAboutToJoin(follower)))
                committed = position;
        }

        CommitUpTo(committed, decisions);
    }

    /// <summary>
    /// Where each group of appends ended, in bytes. When there are too many (an ISR that is too small commits nothing, and acks=1 goes on), the newest are
    /// taken together: readers then learn of them at once.
    /// </summary>
    private void NoteUncommitted(long logEndOffset)
    {
        if (_uncommitted.Count < UncommittedMost && _lastUncommitted is { } last)
        {
            _uncommitted.Enqueue(last);
            _lastUncommitted = null;
        }

        if (_uncommitted.Count < UncommittedMost)
            _uncommitted.Enqueue((logEndOffset, _appendedBytes));
        else
            _lastUncommitted = (logEndOffset, _appendedBytes);
    }

    private void CommitUpTo(long committed, PartitionDecisions<TTicket> decisions)
    {
        if (committed <= HighWatermark)
            return;

        HighWatermark = committed;
        decisions.HighWatermarkAdvanced = true;
        while (_uncommitted.TryPeek(out var oldest) && oldest.EndOffset <= committed)
        {
            CommittedBytes = oldest.AppendedBytes;
            _uncommitted.Dequeue();
        }

        if (_lastUncommitted is { } last && last.EndOffset <= committed)
        {
            CommittedBytes = last.AppendedBytes;
            _lastUncommitted = null;
        }

        while (_waitingForAll.TryDequeueReached(committed, out var ticket))
            decisions.Acks.Add(new(ticket, ErrorCode.None));
    }
}

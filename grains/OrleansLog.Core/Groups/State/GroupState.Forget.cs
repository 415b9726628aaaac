using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>Offsets and groups that go: by request, or because nobody used them for long (KIP-211).</content>
public sealed partial class GroupState<TTicket>
{
    /// <summary>Offsets to forget; those of topics that the group reads stay (KIP-496).</summary>
    /// <param name="call">Which.</param>
    /// <param name="ticket">Comes back with a <see cref="DeleteOffsetsAnswer"/>.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void DeleteOffsets(DeleteOffsetsCall call, TTicket ticket, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(decisions);
        var error = Phase == GroupPhase.Dead || IsUnknown ? ErrorCode.GroupIdNotFound
            : HasForeignMembers || (Phase != GroupPhase.Empty && !IsConsumerGroup) ? ErrorCode.NonEmptyGroup
            : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            decisions.Answer(ticket, new DeleteOffsetsAnswer { Error = error });
            return;
        }

        var results = new PartitionError[call.Partitions.Count];
        var gone = new List<TopicPartitionName>(results.Length);
        for (var i = 0; i < results.Length; i++)
        {
            var partition = call.Partitions[i];
            var isRead = IsSubscribedTo(partition.Topic);
            results[i] = new(partition.Topic, partition.Partition, isRead ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None);
            if (!isRead && (_offsets.ContainsKey(partition) || IsCommitPending(partition)))
                gone.Add(partition);
        }

        var answer = new DeleteOffsetsAnswer { Partitions = results };
        if (gone.Count == 0)
            decisions.Answer(ticket, answer);
        else
            Append(new ForgetAppend(ticket, answer, gone, removesGroup: false), Tombstones(gone), decisions);
    }

    /// <summary>The group is to go, with all its offsets; only while it has no members.</summary>
    /// <param name="ticket">Comes back with a <see cref="DeleteGroupAnswer"/>.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Delete(TTicket ticket, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        var error = Phase == GroupPhase.Dead || IsUnknown ? ErrorCode.GroupIdNotFound
            : Phase != GroupPhase.Empty || HasForeignMembers ? ErrorCode.NonEmptyGroup
            : ErrorCode.None;
        if (error != ErrorCode.None)
        {
            decisions.Answer(ticket, new DeleteGroupAnswer { Error = error });
            return;
        }

        var gone = new HashSet<TopicPartitionName>(_offsets.Keys);
        foreach (var pending in _pendingAppends.Values)
        {
            if (pending is CommitAppend commit)
                gone.UnionWith(commit.Offsets.Select(o => o.Partition));
        }

        Remove([.. gone], ticket, new DeleteGroupAnswer(), decisions);
    }

    /// <summary>Forgets offsets whose time is over, and the group when nothing is left of it; call it every <c>offsets.retention.check.interval.ms</c>.</summary>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives appends.</param>
    public void Expire(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Phase == GroupPhase.Dead || _foreign.Count > 0)
            return;

        var gone = new List<TopicPartitionName>();
        foreach (var (partition, offset) in _offsets)
        {
            if (IsExpired(partition, offset, time) && !IsCommitPending(partition) && !HasOpenTransaction(partition))
                gone.Add(partition);
        }

        var nothingLeft = Phase == GroupPhase.Empty && gone.Count == _offsets.Count && _pendingAppends.Count == 0
            && _transactions.Count == 0 && _members.Pending.Count == 0;
        if (nothingLeft && !IsUnknown)
            Remove(gone, null, null, decisions);
        else if (gone.Count > 0)
            Append(new ForgetAppend(null, null, gone, removesGroup: false), Tombstones(gone), decisions);
    }

    /// <summary>
    /// Groups with members count from when they became empty; while stable, only offsets of topics that nobody reads any more, from their
    /// commit; consumers without group management from each commit.
    /// </summary>
    private bool IsExpired(TopicPartitionName partition, in StoredOffset offset, GroupTime time)
    {
        long since;
        if (ProtocolType is null)
            since = offset.CommitUnixMs;
        else if (Phase == GroupPhase.Empty)
            since = PhaseSinceUnixMs >= 0 ? PhaseSinceUnixMs : offset.CommitUnixMs;
        else if (Phase == GroupPhase.Stable && IsConsumerGroup && _subscribedTopics is not null && !IsSubscribedTo(partition.Topic))
            since = offset.CommitUnixMs;
        else
            return false;

        return offset.ExpireUnixMs >= 0 ? time.UnixMs >= offset.ExpireUnixMs : time.UnixMs - since >= _settings.OffsetsRetentionMs;
    }

    private bool IsCommitPending(TopicPartitionName partition)
    {
        foreach (var pending in _pendingAppends.Values)
        {
            if (pending is CommitAppend commit && commit.Offsets.Exists(o => o.Partition == partition))
                return true;
        }

        return false;
    }

    private void Remove(List<TopicPartitionName> offsets, TTicket? ticket, GroupAnswer? answer, GroupDecisions<TTicket> decisions)
    {
        var records = Tombstones(offsets);
        foreach (var key in _foreign.Values)
            records.Add(new(key.Bytes, null));

        records.Add(GroupMetadataRecords.Tombstone(GroupId));
        Phase = GroupPhase.Dead;
        Append(new ForgetAppend(ticket, answer, offsets, removesGroup: true), records, decisions);
    }

    private void ForgetWritten(ForgetAppend forget, GroupDecisions<TTicket> decisions)
    {
        foreach (var partition in forget.Partitions)
            _offsets.Remove(partition);

        if (forget.Answer is not null)
            decisions.Answer(forget.Ticket, forget.Answer);
    }

    private List<GroupRecord> Tombstones(List<TopicPartitionName> partitions)
    {
        var records = new List<GroupRecord>(partitions.Count + 1);
        foreach (var partition in partitions)
            records.Add(OffsetRecords.Tombstone(GroupId, partition));

        return records;
    }
}

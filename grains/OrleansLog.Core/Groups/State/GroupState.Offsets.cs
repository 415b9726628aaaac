using System.Text;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>Committed offsets: checked against generation and member, shown once their record is committed.</content>
public sealed partial class GroupState<TTicket>
{
    private readonly Dictionary<TopicPartitionName, StoredOffset> _offsets = [];

    /// <summary>Partitions with a committed offset.</summary>
    public int OffsetCount => _offsets.Count;

    /// <summary>Offsets to remember; the answer waits for their records.</summary>
    /// <param name="call">The request; its topics were checked by the caller.</param>
    /// <param name="ticket">Comes back with a <see cref="CommitAnswer"/>.</param>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Commit(CommitCall call, TTicket ticket, GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(decisions);
        var error = CheckCommit(call);
        if (error == ErrorCode.None && Phase is GroupPhase.Stable or GroupPhase.PreparingRebalance && _members.Find(call.MemberId) is { } member)
            KeepSession(member, time);

        var partitions = new PartitionError[call.Offsets.Count];
        var offsets = new List<(TopicPartitionName, StoredOffset)>(partitions.Length);
        var records = new List<GroupRecord>(partitions.Length);
        for (var i = 0; i < partitions.Length; i++)
        {
            var asked = call.Offsets[i];
            partitions[i] = new(asked.Topic, asked.Partition, error != ErrorCode.None ? error : CheckNote(asked.Metadata));
            if (partitions[i].Error != ErrorCode.None)
                continue;

            var partition = new TopicPartitionName(asked.Topic, asked.Partition);
            var expires = call.RetentionTimeMs < 0 ? -1 : time.UnixMs + call.RetentionTimeMs;
            var offset = new StoredOffset(asked.Offset, asked.LeaderEpoch, asked.Metadata ?? "", time.UnixMs, expires, asked.TopicId);
            offsets.Add((partition, offset));
            records.Add(OffsetRecords.Record(GroupId, partition, offset));
        }

        if (records.Count == 0)
            decisions.Answer(ticket, new CommitAnswer { Error = error, Partitions = partitions });
        else
            Append(new CommitAppend(ticket, partitions, offsets), records, decisions);
    }

    private ErrorCode CheckCommit(CommitCall call)
    {
        if (Phase == GroupPhase.Dead)
            return ErrorCode.CoordinatorNotAvailable;
        if (call.GenerationId >= 0 && IsUnknown)
            return call.KnowsGroupIdNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
        if (HasForeignMembers)
            return ErrorCode.UnknownMemberId;
        if (call.GenerationId < 0 && Phase == GroupPhase.Empty)
            return ErrorCode.None; // a consumer without group management, or a tool

        if (call.GenerationId < 0 && call.MemberId.Length == 0 && call.GroupInstanceId is null)
            return ErrorCode.UnknownMemberId;

        var error = CheckMember(call.MemberId, call.GroupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (call.GenerationId != GenerationId)
            return ErrorCode.IllegalGeneration;

        // The member knows this generation but not its assignment: what it commits belongs to an older one.
        return Phase == GroupPhase.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private ErrorCode CheckNote(string? metadata) =>
        metadata is not null && Encoding.UTF8.GetByteCount(metadata) > _settings.OffsetMetadataMaxBytes
            ? ErrorCode.OffsetMetadataTooLarge
            : ErrorCode.None;

    private void CommitWritten(CommitAppend commit, GroupDecisions<TTicket> decisions)
    {
        foreach (var (partition, offset) in commit.Offsets)
            _offsets[partition] = offset;

        decisions.Answer(commit.Ticket, new CommitAnswer { Partitions = commit.Partitions });
    }

    private static CommitAnswer CommitFailed(PartitionError[] partitions, ErrorCode error)
    {
        for (var i = 0; i < partitions.Length; i++)
        {
            if (partitions[i].Error == ErrorCode.None)
                partitions[i] = partitions[i] with { Error = error };
        }

        return new CommitAnswer { Error = error, Partitions = partitions };
    }

    /// <summary>What is committed for a partition; an offset of -1 where nothing is.</summary>
    /// <param name="partition">Which partition.</param>
    /// <param name="requireStable">True: an offset that an open transaction may replace is an error (KIP-447).</param>
    public OffsetView FetchOffset(TopicPartitionName partition, bool requireStable = false)
    {
        if (requireStable && HasOpenTransaction(partition))
            return NoOffset(partition) with { Error = ErrorCode.UnstableOffsetCommit };

        return _offsets.TryGetValue(partition, out var offset) ? ViewOf(partition, offset) : NoOffset(partition);
    }

    /// <summary>Everything that is committed, added to <paramref name="offsets"/>.</summary>
    /// <param name="offsets">Receives them, in no order.</param>
    /// <param name="requireStable">As in <see cref="FetchOffset"/>.</param>
    public void FetchAllOffsets(ICollection<OffsetView> offsets, bool requireStable = false)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        foreach (var partition in _offsets.Keys)
            offsets.Add(FetchOffset(partition, requireStable));
    }

    private static OffsetView ViewOf(TopicPartitionName partition, in StoredOffset offset) => new()
    {
        Partition = partition,
        Offset = offset.Offset,
        LeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
        TopicId = offset.TopicId,
        CommitUnixMs = offset.CommitUnixMs,
    };

    private static OffsetView NoOffset(TopicPartitionName partition) =>
        new() { Partition = partition, Offset = -1, LeaderEpoch = -1, Metadata = "", CommitUnixMs = -1 };
}

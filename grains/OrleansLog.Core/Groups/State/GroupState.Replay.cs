using OrleansLog.Log;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <summary>What a record was to the group that it was replayed into.</summary>
public enum GroupReplay : byte
{
    /// <summary>It changed the group.</summary>
    Applied = 0,

    /// <summary>Of a type or version that is not known here: kept aside, and left alone in the log.</summary>
    Foreign = 1,

    /// <summary>Its bytes are not what its type says.</summary>
    Malformed = 2,
}

/// <content>The group's past, from the records of its partition.</content>
public sealed partial class GroupState<TTicket>
{
    private readonly Dictionary<string, (byte[] Bytes, bool OwnsGroup)> _foreign = [];
    private readonly Dictionary<long, Dictionary<TopicPartitionName, StoredOffset>> _transactions = [];

    /// <summary>Records of this group of types and versions that are not known here.</summary>
    public int ForeignRecordCount => _foreign.Count;

    /// <summary>Another group protocol has members in this group (KIP-848 and later): it is not ours to use.</summary>
    private bool HasForeignMembers
    {
        get
        {
            if (_foreign.Count == 0)
                return false;

            foreach (var (_, ownsGroup) in _foreign.Values)
            {
                if (ownsGroup)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Takes over one record of this group, in log order, before the first event.</summary>
    /// <param name="read">The key, read.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="value">The value's bytes; <see cref="ReadOnlyMemory{T}.Empty"/> with <paramref name="isTombstone"/> where there is none.</param>
    /// <param name="isTombstone">True where the value is null.</param>
    /// <param name="producerId">Producer of a transactional batch, else -1; its offsets count after <see cref="ReplayTransactionEnd"/>.</param>
    public GroupReplay Replay(in GroupRecordKey read, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone, long producerId = -1)
    {
        if (read.IsOffset)
            return ReplayOffset(new(read.Topic!, read.Partition), key, value, isTombstone, producerId);

        return read.IsGroup ? ReplayGroup(key, value, isTombstone) : ReplayForeign(key, isTombstone, read.IsForeignMember);
    }

    /// <summary>A transaction ended: its offsets are committed, or never were.</summary>
    /// <param name="producerId">Its producer.</param>
    /// <param name="committed">False: aborted.</param>
    public void ReplayTransactionEnd(long producerId, bool committed)
    {
        if (!_transactions.Remove(producerId, out var offsets) || !committed)
            return;

        foreach (var (partition, offset) in offsets)
            _offsets[partition] = offset;
    }

    /// <summary>All records were replayed: the members get a full session each, and a group over its bound rebalances.</summary>
    /// <param name="time">When.</param>
    /// <param name="decisions">Receives answers and appends.</param>
    public void Loaded(GroupTime time, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        foreach (var member in _members.All)
            KeepSession(member, time);

        if (_members.Count > _settings.MaxSize)
            PrepareRebalance(time, decisions);
    }

    private GroupReplay ReplayOffset(
        TopicPartitionName partition, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone, long producerId)
    {
        if (isTombstone)
        {
            _offsets.Remove(partition);
            foreach (var open in _transactions.Values)
                open.Remove(partition);

            return GroupReplay.Applied;
        }

        if (!OffsetRecords.TryRead(value, out var offset))
            return VersionedBytes.Prefix(value) > OffsetCommitValue.HighestVersion ? ReplayForeign(key, isTombstone: false, ownsGroup: false) : GroupReplay.Malformed;

        if (producerId < 0)
            _offsets[partition] = offset;
        else if (_transactions.TryGetValue(producerId, out var open))
            open[partition] = offset;
        else
            _transactions[producerId] = new() { [partition] = offset };

        return GroupReplay.Applied;
    }

    private GroupReplay ReplayGroup(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        if (!isTombstone && VersionedBytes.Prefix(value) > GroupMetadataValue.HighestVersion)
            return ReplayForeign(key, isTombstone: false, ownsGroup: true);

        var stored = isTombstone ? new GroupMetadataValue() : VersionedBytes.Read<GroupMetadataValue>(value);
        if (stored is null)
            return GroupReplay.Malformed;

        foreach (var member in _members.All.ToArray())
            _members.Remove(member);

        _hasRecord = !isTombstone;
        GenerationId = stored.Generation;
        ProtocolType = stored.ProtocolType.Length == 0 ? null : stored.ProtocolType;
        ProtocolName = stored.Protocol;
        PhaseSinceUnixMs = stored.CurrentStateTimestamp;
        Phase = stored.Members.Count == 0 ? GroupPhase.Empty : GroupPhase.Stable;
        foreach (var member in stored.Members)
        {
            if (_members.Find(member.MemberId) is null)
                _members.Add(Restore(member));
        }

        if (stored.Leader is { } leader && _members.Find(leader) is not null)
            _members.LeaderId = leader;

        KeepTopics(SubscribedTopicsOf());
        return GroupReplay.Applied;
    }

    private GroupMember<TTicket> Restore(GroupMetadataValue.MemberMetadata member) => new(member.MemberId, member.GroupInstanceId)
    {
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SessionTimeoutMs = member.SessionTimeout,
        RebalanceTimeoutMs = RebalanceTimeoutOf(member.RebalanceTimeout, member.SessionTimeout),
        Protocols = ProtocolName is null ? [] : [new(ProtocolName, member.Subscription)],
        Assignment = member.Assignment.ToArray(),
    };

    private GroupReplay ReplayForeign(ReadOnlySpan<byte> key, bool isTombstone, bool ownsGroup)
    {
        var name = Convert.ToBase64String(key);
        if (isTombstone)
            _foreign.Remove(name);
        else
            _foreign[name] = (key.ToArray(), ownsGroup);

        return GroupReplay.Foreign;
    }

    /// <summary>Members of another protocol are gone and a classic one comes: the old protocol's records go (KIP-848, as Kafka does it).</summary>
    private void ReplaceForeign(GroupDecisions<TTicket> decisions)
    {
        if (_foreign.Count == 0)
            return;

        var records = new List<GroupRecord>(_foreign.Count);
        foreach (var (bytes, _) in _foreign.Values)
            records.Add(new(bytes, null));

        _foreign.Clear();
        Append(new PendingAppend(), records, decisions);
    }

    private bool HasOpenTransaction(TopicPartitionName partition)
    {
        foreach (var open in _transactions.Values)
        {
            if (open.ContainsKey(partition))
                return true;
        }

        return false;
    }
}

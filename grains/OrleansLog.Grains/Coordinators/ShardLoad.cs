using OrleansLog.Core.Groups;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Coordinators;

/// <summary>What a load has found so far.</summary>
internal sealed class ShardLoad(GroupSettings settings)
{
    private readonly Dictionary<string, GroupState<GroupTicket>> _groups = new(StringComparer.Ordinal);

    /// <summary>The next offset to read.</summary>
    public long NextOffset { get; set; }

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>What was wrong with the last read.</summary>
    public string? Message { get; set; }

    /// <summary>The groups.</summary>
    public IReadOnlyCollection<GroupState<GroupTicket>> Groups => _groups.Values;

    /// <summary>Records that are not what their type says, and were passed over.</summary>
    public int Malformed { get; private set; }

    /// <summary>Takes a batch in; an error means that it cannot be read.</summary>
    public ErrorCode Add(ReadOnlyMemory<byte> batch, long maxDecompressedBytes)
    {
        using var records = BatchRecords.Open(batch, maxDecompressedBytes, out var error);
        if (records is null)
            return error;

        var header = records.Header;
        foreach (ref readonly var record in records)
        {
            if (record.Offset < NextOffset)
                continue;

            Records++;
            if (header.IsControl)
                EndTransaction(header.ProducerId, record);
            else
                Replay(record, header.IsTransactional ? header.ProducerId : -1);
        }

        NextOffset = Math.Max(NextOffset, header.NextOffset);
        return ErrorCode.None;
    }

    private void Replay(in Record record, long producerId)
    {
        if (!GroupRecordKey.TryRead(record.Key.Span, out var key))
        {
            Malformed++;
            return;
        }

        // A type that does not name its group belongs to nobody here; it stays in the log.
        if (key.GroupId is not { } groupId)
            return;

        if (!_groups.TryGetValue(groupId, out var group))
            _groups[groupId] = group = new GroupState<GroupTicket>(groupId, settings);

        if (group.Replay(key, record.Key.Span, record.Value.Span, record.IsValueNull, producerId) == GroupReplay.Malformed)
            Malformed++;
    }

    private void EndTransaction(long producerId, in Record record)
    {
        if (!ControlRecords.TryParseKey(record.Key.Span, out _, out var type) || type is not (ControlRecordType.Abort or ControlRecordType.Commit))
            return;

        foreach (var group in _groups.Values)
            group.ReplayTransactionEnd(producerId, type == ControlRecordType.Commit);
    }
}

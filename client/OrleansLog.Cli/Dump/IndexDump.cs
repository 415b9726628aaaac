using System.Buffers.Binary;

namespace OrleansLog.Cli;

/// <summary>Reads <c>.index</c>, <c>.timeindex</c> and <c>.txnindex</c> files and, where the log is there, holds them against it.</summary>
internal sealed class IndexDump(DumpedFile file, IDumpSink sink, BatchMap? map)
{
    public const int OffsetEntryBytes = 8;
    public const int TimeEntryBytes = 12;
    public const int TransactionEntryBytes = 34;
    private const long MaxIndexBytes = 1L << 30;

    private long _entries;
    private long _damages;

    public DumpSummary Run()
    {
        var bytes = DumpedFileReader.ReadAll(file.Path, MaxIndexBytes);
        var used = file.Kind switch
        {
            DumpedFileKind.OffsetIndex => Walk(bytes, OffsetEntryBytes, OffsetEntry, isPadded: true),
            DumpedFileKind.TimeIndex => Walk(bytes, TimeEntryBytes, TimeEntry, isPadded: true),
            _ => Walk(bytes, TransactionEntryBytes, TransactionEntry, isPadded: false),
        };
        return new DumpSummary(file, 0, 0, _entries, -1, -1, bytes.Length - used, _damages);
    }

    private delegate void EntryReader(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> before, long position);

    private int Walk(byte[] bytes, int entryBytes, EntryReader read, bool isPadded)
    {
        var used = isPadded ? UsedBytes(bytes, entryBytes) : bytes.Length;
        var position = 0;
        for (; position + entryBytes <= used; position += entryBytes)
        {
            var before = position == 0 ? default : bytes.AsSpan(position - entryBytes, entryBytes);
            read(bytes.AsSpan(position, entryBytes), before, position);
            _entries++;
        }

        if (position < used || (bytes.Length % entryBytes != 0 && used == bytes.Length))
        {
            Fail(position, $"{bytes.Length} bytes are no whole number of entries of {entryBytes} bytes");
        }

        return used;
    }

    // While a segment is written, its indexes are set aside in full; what follows the last entry is zeros.
    private static int UsedBytes(byte[] bytes, int entryBytes)
    {
        var last = bytes.AsSpan().LastIndexOfAnyExcept((byte)0);
        return last < 0 ? 0 : Math.Min(bytes.Length, ((last / entryBytes) + 1) * entryBytes);
    }

    private void OffsetEntry(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> before, long position)
    {
        var relative = BinaryPrimitives.ReadInt32BigEndian(entry);
        var offset = Math.Max(0, file.BaseOffset) + relative;
        long at = BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
        sink.OffsetEntry(offset, at);
        if (relative < 0 || at < 0)
        {
            Fail(position, $"offset {relative} and position {at} of the entry cannot be");
        }
        else if (!before.IsEmpty && (relative <= BinaryPrimitives.ReadInt32BigEndian(before) || at <= BinaryPrimitives.ReadInt32BigEndian(before[4..])))
        {
            Fail(position, $"offset {offset} at position {at}: entries must rise");
        }
        else if (map is not null && at < map.DamagedFrom)
        {
            CheckPlace(map, offset, at, position);
        }
    }

    private void CheckPlace(BatchMap batches, long offset, long at, long position)
    {
        if (!batches.TryFindAt(at, out var batch))
        {
            Fail(position, $"offset {offset}: no batch begins at position {at} of the log");
        }
        else if (offset < batch.BaseOffset)
        {
            Fail(position, $"offset {offset}: the batch at position {at} of the log begins later, at offset {batch.BaseOffset}");
        }
        else if (!batches.TryFindFor(offset, out _) && !batches.IsBehindDamage(offset))
        {
            Fail(position, $"offset {offset} lies behind the end of the log");
        }
    }

    private void TimeEntry(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> before, long position)
    {
        var timestampMs = BinaryPrimitives.ReadInt64BigEndian(entry);
        var relative = BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
        var offset = Math.Max(0, file.BaseOffset) + relative;
        sink.TimeEntry(timestampMs, offset);
        if (relative < 0)
        {
            Fail(position, $"offset {relative} of the entry cannot be");
        }
        else if (!before.IsEmpty && (timestampMs <= BinaryPrimitives.ReadInt64BigEndian(before) || relative < BinaryPrimitives.ReadInt32BigEndian(before[8..])))
        {
            Fail(position, $"timestamp {timestampMs} of offset {offset}: entries must rise");
        }
        else if (map is not null && !map.IsBehindDamage(offset))
        {
            CheckTime(map, timestampMs, offset, position);
        }
    }

    // An entry holds the largest timestamp so far and the offset that brought it.
    private void CheckTime(BatchMap batches, long timestampMs, long offset, long position)
    {
        if (!batches.TryFindFor(offset, out var batch))
        {
            Fail(position, $"timestamp {timestampMs}: offset {offset} lies behind the end of the log");
        }
        else if (batch.LargestTimestampMs != timestampMs)
        {
            Fail(position, $"timestamp {timestampMs} of offset {offset}: the largest in the log up to there is {batch.LargestTimestampMs}");
        }
    }

    private void TransactionEntry(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> before, long position)
    {
        var version = BinaryPrimitives.ReadInt16BigEndian(entry);
        var producerId = BinaryPrimitives.ReadInt64BigEndian(entry[2..]);
        var first = BinaryPrimitives.ReadInt64BigEndian(entry[10..]);
        var last = BinaryPrimitives.ReadInt64BigEndian(entry[18..]);
        var lastStable = BinaryPrimitives.ReadInt64BigEndian(entry[26..]);
        sink.AbortedTransaction(producerId, first, last, lastStable);
        if (version != 0)
        {
            Fail(position, $"version {version} of an aborted transaction is not known");
        }
        else if (producerId < 0 || first < 0 || last < first)
        {
            Fail(position, $"producer {producerId} with offsets {first}..{last} cannot be");
        }
        else if (!before.IsEmpty && last <= BinaryPrimitives.ReadInt64BigEndian(before[18..]))
        {
            Fail(position, $"last offset {last} of an aborted transaction: entries must rise");
        }
    }

    private void Fail(long position, string message)
    {
        _damages++;
        sink.Damage(file.Path, position, message);
    }
}

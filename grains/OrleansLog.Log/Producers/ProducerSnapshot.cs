using System.Buffers;
using System.Buffers.Binary;
using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>
/// The <c>.snapshot</c> file, Kafka's byte for byte: version 1 (int16), CRC-32C of all that follows (uint32), a count (int32), and for
/// each producer 46 bytes: id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first offset
/// of its open transaction. What is not there is -1.
/// </summary>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int CrcAt = 2;
    private const int CountAt = 6;
    private const int EntriesAt = 10;
    private const int EntrySize = 46;
    private const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>Writes the producers as they are, in the order of their ids.</summary>
    internal static void Write(LogEnvironment environment, string path, ProducerStates states)
    {
        int size = EntriesAt + (states.Count * EntrySize);
        byte[] buffer = environment.Buffers.Rent(size);
        try
        {
            int length = Encode(buffer, states);
            using IDiskFile file = environment.Disk.Open(path, DiskOpen.CreateOrTruncate);
            file.Write(0, buffer.AsSpan(0, length));
        }
        finally
        {
            environment.Buffers.Return(buffer);
        }
    }

    /// <summary>Reads producers into an empty table; false where the file is missing, or not what was written.</summary>
    /// <param name="environment">Disk and buffers.</param>
    /// <param name="path">The file.</param>
    /// <param name="offset">The offset that it stands for: everything in it is below.</param>
    /// <param name="states">The table.</param>
    internal static bool TryRead(LogEnvironment environment, string path, long offset, ProducerStates states)
    {
        byte[]? buffer = null;
        try
        {
            using IDiskFile file = environment.Disk.Open(path, DiskOpen.Read);
            long length = file.Length;
            if (length is < EntriesAt or > MaxBytes)
                return false;
            buffer = environment.Buffers.Rent((int)length);
            Span<byte> content = buffer.AsSpan(0, (int)length);
            return file.Read(0, content) == length && TryDecode(content, offset, states);
        }
        catch (DiskException error) when (error.Kind == DiskErrorKind.NotFound)
        {
            return false;
        }
        finally
        {
            if (buffer is not null)
                environment.Buffers.Return(buffer);
        }
    }

    private static int Encode(Span<byte> to, ProducerStates states)
    {
        int count = 0;
        foreach (ProducerState state in states.All.Where(state => state.Entry.IsKnown).OrderBy(state => state.ProducerId))
        {
            WriteEntry(to[(EntriesAt + (count * EntrySize))..], state.ProducerId, state.Entry);
            count++;
        }

        int length = EntriesAt + (count * EntrySize);
        BinaryPrimitives.WriteInt16BigEndian(to, Version);
        BinaryPrimitives.WriteInt32BigEndian(to[CountAt..], count);
        BinaryPrimitives.WriteUInt32BigEndian(to[CrcAt..], Crc32C.Compute(to[CountAt..length]));
        return length;
    }

    private static void WriteEntry(Span<byte> to, long producerId, in ProducerEntry entry)
    {
        ProducerBatch last = entry.Last;
        BinaryPrimitives.WriteInt64BigEndian(to, producerId);
        BinaryPrimitives.WriteInt16BigEndian(to[8..], entry.Epoch);
        BinaryPrimitives.WriteInt32BigEndian(to[10..], last.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(to[14..], last.LastOffset);
        BinaryPrimitives.WriteInt32BigEndian(to[22..], last.OffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(to[26..], entry.LastTimestampMs);
        BinaryPrimitives.WriteInt32BigEndian(to[34..], entry.CoordinatorEpoch);
        BinaryPrimitives.WriteInt64BigEndian(to[38..], entry.TransactionFirstOffset);
    }

    private static bool TryDecode(ReadOnlySpan<byte> content, long offset, ProducerStates states)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(content[CountAt..]);
        if (BinaryPrimitives.ReadInt16BigEndian(content) != Version
            || count < 0 || content.Length != EntriesAt + ((long)count * EntrySize)
            || BinaryPrimitives.ReadUInt32BigEndian(content[CrcAt..]) != Crc32C.Compute(content[CountAt..]))
            return false;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadEntry(content.Slice(EntriesAt + (i * EntrySize), EntrySize), offset, states))
                return false;
        }

        return true;
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> from, long offset, ProducerStates states)
    {
        long producerId = BinaryPrimitives.ReadInt64BigEndian(from);
        short epoch = BinaryPrimitives.ReadInt16BigEndian(from[8..]);
        int lastSequence = BinaryPrimitives.ReadInt32BigEndian(from[10..]);
        long lastOffset = BinaryPrimitives.ReadInt64BigEndian(from[14..]);
        int offsetDelta = BinaryPrimitives.ReadInt32BigEndian(from[22..]);
        long timestampMs = BinaryPrimitives.ReadInt64BigEndian(from[26..]);
        long transactionFirstOffset = BinaryPrimitives.ReadInt64BigEndian(from[38..]);
        if (producerId < 0 || epoch < 0 || lastOffset >= offset || offsetDelta < 0 || transactionFirstOffset >= offset)
            return false;
        ProducerBatch? last = lastOffset < 0 ? null : new ProducerBatch(lastSequence, offsetDelta, lastOffset, timestampMs);
        states.Restore(producerId, ProducerEntry.Restored(
            epoch, last, timestampMs, BinaryPrimitives.ReadInt32BigEndian(from[34..]), transactionFirstOffset));
        return true;
    }
}

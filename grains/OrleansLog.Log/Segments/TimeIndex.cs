using System.Buffers;
using System.Buffers.Binary;

namespace OrleansLog.Log;

/// <summary>
/// The sparse time index of a segment: entries of 12 bytes, (largest timestamp so far as int64, last offset of its batch -
/// base offset as int32), big-endian, ascending. Kafka's <c>.timeindex</c> byte for byte.
/// </summary>
internal sealed class TimeIndex(long baseOffset, ArrayPool<byte> pool)
{
    internal const int EntrySize = 12;

    internal EntryBuffer Entries { get; } = new(pool, EntrySize);

    /// <summary>Adds an entry if its timestamp is larger than the last one's.</summary>
    internal void MaybeAppend(TimestampOffset max)
    {
        if (max.TimestampMs < 0 || max.TimestampMs <= Last.TimestampMs)
            return;
        Span<byte> entry = Entries.Next();
        BinaryPrimitives.WriteInt64BigEndian(entry, max.TimestampMs);
        BinaryPrimitives.WriteInt32BigEndian(entry[8..], checked((int)(max.Offset - baseOffset)));
        Entries.Publish();
    }

    /// <summary>The last entry at or below a timestamp; (-1, base offset) where all are above.</summary>
    internal TimestampOffset Lookup(long timestampMs)
    {
        ReadOnlySpan<byte> entries = Entries.Published;
        int low = 0, high = entries.Length / EntrySize - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (BinaryPrimitives.ReadInt64BigEndian(entries[(middle * EntrySize)..]) <= timestampMs)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high < 0 ? new TimestampOffset(-1, baseOffset) : Entry(entries, high);
    }

    internal TimestampOffset Last
    {
        get
        {
            ReadOnlySpan<byte> entries = Entries.Published;
            return entries.IsEmpty ? TimestampOffset.Unknown : Entry(entries, entries.Length / EntrySize - 1);
        }
    }

    /// <summary>Drops entries whose offset is at or after the one given.</summary>
    internal void TruncateTo(long offset)
    {
        ReadOnlySpan<byte> entries = Entries.Published;
        int count = entries.Length / EntrySize;
        while (count > 0 && Entry(entries, count - 1).Offset >= offset)
            count--;
        Entries.TruncateTo(count);
    }

    /// <summary>As <see cref="OffsetIndex.ValidLength"/>.</summary>
    internal static int ValidLength(ReadOnlySpan<byte> content)
    {
        long lastTimestamp = -1;
        int lastOffset = -1, length = 0;
        for (; length + EntrySize <= content.Length; length += EntrySize)
        {
            long timestamp = BinaryPrimitives.ReadInt64BigEndian(content[length..]);
            int offset = BinaryPrimitives.ReadInt32BigEndian(content[(length + 8)..]);
            bool isPadding = length > 0 && timestamp == 0 && offset == 0;
            if (timestamp <= lastTimestamp || offset < lastOffset || offset < 0 || isPadding || (timestamp == 0 && IsZero(content[length..])))
                break;
            (lastTimestamp, lastOffset) = (timestamp, offset);
        }

        return IsZero(content[length..]) ? length : -1;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private TimestampOffset Entry(ReadOnlySpan<byte> entries, int number)
    {
        ReadOnlySpan<byte> entry = entries.Slice(number * EntrySize, EntrySize);
        return new TimestampOffset(
            BinaryPrimitives.ReadInt64BigEndian(entry), baseOffset + BinaryPrimitives.ReadInt32BigEndian(entry[8..]));
    }
}

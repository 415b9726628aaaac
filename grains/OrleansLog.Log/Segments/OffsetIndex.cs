using System.Buffers;
using System.Buffers.Binary;

namespace OrleansLog.Log;

/// <summary>
/// The sparse offset index of a segment: entries of 8 bytes, (last offset of a batch - base offset, position of that batch),
/// both big-endian int32, ascending. Kafka's <c>.index</c> byte for byte.
/// </summary>
internal sealed class OffsetIndex(long baseOffset, ArrayPool<byte> pool)
{
    internal const int EntrySize = 8;

    internal EntryBuffer Entries { get; } = new(pool, EntrySize);

    internal void Append(long offset, int position)
    {
        Span<byte> entry = Entries.Next();
        BinaryPrimitives.WriteInt32BigEndian(entry, checked((int)(offset - baseOffset)));
        BinaryPrimitives.WriteInt32BigEndian(entry[4..], position);
        Entries.Publish();
    }

    /// <summary>Where to start looking for an offset: the position of the last batch that ends at or before it; 0 before the first.</summary>
    internal int PositionFor(long offset)
    {
        ReadOnlySpan<byte> entries = Entries.Published;
        int found = LastAtOrBelow(entries, offset - baseOffset);
        return found < 0 ? 0 : BinaryPrimitives.ReadInt32BigEndian(entries[(found * EntrySize + 4)..]);
    }

    /// <summary>The largest position in the index that is not above the one given; 0 where all are.</summary>
    internal int PositionAtOrBelow(long position)
    {
        ReadOnlySpan<byte> entries = Entries.Published;
        int low = 0, high = entries.Length / EntrySize - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (BinaryPrimitives.ReadInt32BigEndian(entries[(middle * EntrySize + 4)..]) <= position)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high < 0 ? 0 : BinaryPrimitives.ReadInt32BigEndian(entries[(high * EntrySize + 4)..]);
    }

    /// <summary>Drops entries of batches that end at or after an offset.</summary>
    internal void TruncateTo(long offset) => Entries.TruncateTo(LastAtOrBelow(Entries.Published, offset - baseOffset - 1) + 1);

    /// <summary>The last entry as (offset, position), or (-1, 0).</summary>
    internal (long Offset, int Position) Last
    {
        get
        {
            ReadOnlySpan<byte> entries = Entries.Published;
            if (entries.IsEmpty)
                return (-1, 0);
            ReadOnlySpan<byte> last = entries[^EntrySize..];
            return (baseOffset + BinaryPrimitives.ReadInt32BigEndian(last), BinaryPrimitives.ReadInt32BigEndian(last[4..]));
        }
    }

    /// <summary>
    /// How many bytes of a file's content are entries: ascending, inside the log. What follows may only be zeros (Kafka's
    /// preallocation); -1 if it is anything else.
    /// </summary>
    internal static int ValidLength(ReadOnlySpan<byte> content, long logBytes)
    {
        int lastOffset = -1, lastPosition = 0, length = 0;
        for (; length + EntrySize <= content.Length; length += EntrySize)
        {
            int offset = BinaryPrimitives.ReadInt32BigEndian(content[length..]);
            int position = BinaryPrimitives.ReadInt32BigEndian(content[(length + 4)..]);
            if (offset <= lastOffset || position <= lastPosition || position >= logBytes)
                break;
            (lastOffset, lastPosition) = (offset, position);
        }

        return content[length..].ContainsAnyExcept((byte)0) ? -1 : length;
    }

    private static int LastAtOrBelow(ReadOnlySpan<byte> entries, long relativeOffset)
    {
        int low = 0, high = entries.Length / EntrySize - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (BinaryPrimitives.ReadInt32BigEndian(entries[(middle * EntrySize)..]) <= relativeOffset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// Where the parts of one record lie within a batch's (decompressed) records:
/// <code>length | attributes | timestamp delta | offset delta | key length | key | value length | value | header count | headers</code>
/// Lengths, deltas and counts are zigzag varints; a length of -1 means null.
/// </summary>
internal struct RecordFrame
{
    /// <summary>A record with nothing in it: seven fields of a byte each.</summary>
    public const int SmallestBytes = 7;

    private const int MaxShortBytes = 3;

    // Length, attributes, timestamp delta, offset delta, key length.
    private const int FastHeadBytes = (4 * MaxShortBytes) + 1;

    public long TimestampDelta;
    public int OffsetDelta;
    public int KeyStart;
    public int KeyLength;
    public int ValueStart;
    public int ValueLength;
    public int HeaderCount;
    public int HeadersStart;

    /// <summary>Where the next record starts.</summary>
    public int End;

    /// <summary>Parses the record at <paramref name="position"/>, without its headers; false if a length in it lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> records, int position, out RecordFrame frame)
    {
        Unsafe.SkipInit(out frame);
        return (records.Length - position >= FastHeadBytes && TryParseShort(records, position, ref frame))
            || TryParseAny(records, position, ref frame);
    }

    // Nearly every record: each number in front of the key takes one to three bytes, so that all of them lie in the next
    // sixteen and can be read without asking each time. False means "not so short, or not good": then every byte is asked for.
    internal static bool TryParseShort(ReadOnlySpan<byte> records, int position, ref RecordFrame frame)
    {
        ref byte first = ref Unsafe.Add(ref MemoryMarshal.GetReference(records), position);
        int at = 0;
        if (!TryReadShort(ref first, ref at, out uint length) || (length & 1) != 0) return false;
        int end = position + at + (int)(length >> 1);
        if (end > records.Length) return false;
        at++; // attributes: no bit of them means anything yet
        if (!TryReadShort(ref first, ref at, out uint timestampDelta)) return false;
        if (!TryReadShort(ref first, ref at, out uint offsetDelta)) return false;
        if (!TryReadShort(ref first, ref at, out uint keyLength)) return false;
        frame.KeyStart = position + at;
        frame.KeyLength = UnZigZag(keyLength);
        // A value's length and the count of headers take at least a byte each.
        int valueAt = frame.KeyStart + Math.Max(frame.KeyLength, 0);
        if (frame.KeyLength < -1 || valueAt > end - 2 || end > records.Length - MaxShortBytes) return false;
        first = ref Unsafe.Add(ref MemoryMarshal.GetReference(records), valueAt);
        at = 0;
        if (!TryReadShort(ref first, ref at, out uint valueLength)) return false;
        frame.ValueStart = valueAt + at;
        frame.ValueLength = UnZigZag(valueLength);
        int countAt = frame.ValueStart + Math.Max(frame.ValueLength, 0);
        if (frame.ValueLength < -1 || countAt >= end) return false;
        byte count = records[countAt];
        if (count >= 0x80 || (count & 1) != 0) return false;
        frame.TimestampDelta = UnZigZag(timestampDelta);
        frame.OffsetDelta = UnZigZag(offsetDelta);
        frame.HeaderCount = count >> 1;
        frame.HeadersStart = countAt + 1;
        frame.End = end;
        return true;
    }

    internal static bool TryParseAny(ReadOnlySpan<byte> records, int position, ref RecordFrame frame)
    {
        if (!TryReadInt(records, ref position, out int length) || length < 0 || length > records.Length - position) return false;
        frame.End = position + length;
        ReadOnlySpan<byte> upToEnd = records[..frame.End];
        position++; // attributes
        if (!TryReadLong(upToEnd, ref position, out frame.TimestampDelta)) return false;
        if (!TryReadInt(upToEnd, ref position, out frame.OffsetDelta)) return false;
        if (!TryReadLength(upToEnd, ref position, out frame.KeyStart, out frame.KeyLength)) return false;
        if (!TryReadLength(upToEnd, ref position, out frame.ValueStart, out frame.ValueLength)) return false;
        if (!TryReadInt(upToEnd, ref position, out frame.HeaderCount) || frame.HeaderCount < 0) return false;
        frame.HeadersStart = position;
        return true;
    }

    // One to three bytes, without looking where the span ends.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadShort(ref byte first, ref int at, out uint raw)
    {
        raw = Unsafe.Add(ref first, at++);
        if (raw < 0x80) return true;
        uint next = Unsafe.Add(ref first, at++);
        raw = (raw & 0x7F) | ((next & 0x7F) << 7);
        if (next < 0x80) return true;
        next = Unsafe.Add(ref first, at++);
        raw |= next << 14;
        return next < 0x80;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int UnZigZag(uint raw) => (int)(raw >> 1) ^ -(int)(raw & 1);

    /// <summary>Whether the headers are as many and as long as they say, and end where the record does.</summary>
    public readonly bool HeadersAreWellFormed(ReadOnlySpan<byte> records)
    {
        int position = HeadersStart;
        if (HeaderCount == 0) return position == End;
        ReadOnlySpan<byte> upToEnd = records[..End];
        for (int i = 0; i < HeaderCount; i++)
        {
            if (!TryReadLength(upToEnd, ref position, out _, out int keyLength) || keyLength < 0) return false;
            if (!TryReadLength(upToEnd, ref position, out _, out _)) return false;
        }

        return position == End;
    }

    // Leaves the position behind the bytes that the length announces.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadLength(ReadOnlySpan<byte> bytes, ref int position, out int start, out int length)
    {
        bool read = TryReadInt(bytes, ref position, out length);
        start = position;
        if (!read || length < -1 || length > bytes.Length - position) return false;
        position += Math.Max(length, 0);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadInt(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        if ((uint)position < (uint)bytes.Length && bytes[position] < 0x80)
        {
            uint raw = bytes[position++];
            value = (int)(raw >> 1) ^ -(int)(raw & 1);
            return true;
        }

        return TryReadIntSlow(bytes, ref position, out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadLong(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        if ((uint)position < (uint)bytes.Length && bytes[position] < 0x80)
        {
            uint raw = bytes[position++];
            value = (int)(raw >> 1) ^ -(int)(raw & 1);
            return true;
        }

        return TryReadLongSlow(bytes, ref position, out value);
    }

    private static bool TryReadIntSlow(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        // Two bytes are next: lengths from 64 to 8191.
        if (position < bytes.Length - 1 && bytes[position + 1] < 0x80)
        {
            uint raw = (bytes[position] & 0x7Fu) | ((uint)bytes[position + 1] << 7);
            position += 2;
            value = (int)(raw >> 1) ^ -(int)(raw & 1);
            return true;
        }

        int read = (uint)position < (uint)bytes.Length ? Varint.Read(bytes[position..], out value) : NothingRead(out value);
        position += read;
        return read != 0;
    }

    private static bool TryReadLongSlow(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        value = 0;
        int read = (uint)position < (uint)bytes.Length ? Varint.Read64(bytes[position..], out value) : 0;
        position += read;
        return read != 0;
    }

    private static int NothingRead(out int value)
    {
        value = 0;
        return 0;
    }
}

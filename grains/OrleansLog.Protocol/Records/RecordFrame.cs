using System.Runtime.CompilerServices;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// Where the parts of one record lie within a batch's (decompressed) records:
/// <code>length | attributes | timestamp delta | offset delta | key length | key | value length | value | header count | headers</code>
/// Lengths, deltas and counts are zigzag varints; a length of -1 means null.
/// </summary>
internal struct RecordFrame
{
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
        if (!TryReadInt(records, ref position, out int length) || length < 0 || length > records.Length - position) return false;
        frame.End = position + length;
        ReadOnlySpan<byte> upToEnd = records[..frame.End];
        position++; // attributes: no bit of them means anything yet
        if (!TryReadLong(upToEnd, ref position, out frame.TimestampDelta)) return false;
        if (!TryReadInt(upToEnd, ref position, out frame.OffsetDelta)) return false;
        if (!TryReadLength(upToEnd, ref position, out frame.KeyStart, out frame.KeyLength)) return false;
        if (!TryReadLength(upToEnd, ref position, out frame.ValueStart, out frame.ValueLength)) return false;
        if (!TryReadInt(upToEnd, ref position, out frame.HeaderCount) || frame.HeaderCount < 0) return false;
        frame.HeadersStart = position;
        return true;
    }

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

using System.Numerics;
using System.Runtime.CompilerServices;

namespace OrleansLog.Protocol;

/// <summary>
/// Variable-length integers: seven bits a byte, lowest first, the top bit set on all but the last. The signed forms are
/// zigzag-encoded. Readers return the number of bytes read, or 0 where the input ends early or runs over the type.
/// </summary>
public static class Varint
{
    /// <summary>The longest form of a 32-bit value.</summary>
    public const int MaxSize32 = 5;

    /// <summary>The longest form of a 64-bit value.</summary>
    public const int MaxSize64 = 10;

    /// <summary>Bytes that an unsigned 32-bit value takes, 1 to 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUnsigned(uint value) => ((31 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>Bytes that an unsigned 64-bit value takes, 1 to 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUnsigned64(ulong value) => ((63 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>Bytes that a zigzag 32-bit value takes, 1 to 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(int value) => SizeOfUnsigned(ZigZag(value));

    /// <summary>Bytes that a zigzag 64-bit value takes, 1 to 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf64(long value) => SizeOfUnsigned64(ZigZag64(value));

    /// <summary>Writes a zigzag 32-bit value; returns the bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, int value) => WriteUnsigned(destination, ZigZag(value));

    /// <summary>Writes a zigzag 64-bit value; returns the bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write64(Span<byte> destination, long value) => WriteUnsigned64(destination, ZigZag64(value));

    /// <summary>Writes an unsigned 32-bit value; returns the bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUnsigned(Span<byte> destination, uint value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>Writes an unsigned 64-bit value; returns the bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUnsigned64(Span<byte> destination, ulong value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>Reads a zigzag 32-bit value; returns the bytes read, 0 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> source, out int value)
    {
        int read = ReadUnsigned(source, out uint raw);
        value = (int)(raw >> 1) ^ -(int)(raw & 1);
        return read;
    }

    /// <summary>Reads a zigzag 64-bit value; returns the bytes read, 0 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read64(ReadOnlySpan<byte> source, out long value)
    {
        int read = ReadUnsigned64(source, out ulong raw);
        value = (long)(raw >> 1) ^ -(long)(raw & 1);
        return read;
    }

    /// <summary>Reads an unsigned 32-bit value; returns the bytes read, 0 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadUnsigned(ReadOnlySpan<byte> source, out uint value)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            return 1;
        }

        return ReadUnsignedSlow(source, out value);
    }

    /// <summary>Reads an unsigned 64-bit value; returns the bytes read, 0 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadUnsigned64(ReadOnlySpan<byte> source, out ulong value)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            return 1;
        }

        return ReadUnsigned64Slow(source, out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ZigZag64(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int ReadUnsignedSlow(ReadOnlySpan<byte> source, out uint value)
    {
        value = 0;
        int limit = Math.Min(source.Length, MaxSize32);
        for (int i = 0; i < limit; i++)
        {
            byte b = source[i];
            if (i == MaxSize32 - 1 && b > 0x0F) break;
            value |= (uint)(b & 0x7F) << (7 * i);
            if (b < 0x80) return i + 1;
        }

        value = 0;
        return 0;
    }

    private static int ReadUnsigned64Slow(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        int limit = Math.Min(source.Length, MaxSize64);
        for (int i = 0; i < limit; i++)
        {
            byte b = source[i];
            if (i == MaxSize64 - 1 && b > 0x01) break;
            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80) return i + 1;
        }

        value = 0;
        return 0;
    }
}

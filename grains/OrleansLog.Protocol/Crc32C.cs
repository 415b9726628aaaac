using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansLog.Protocol;

/// <summary>CRC-32C (Castagnoli), the checksum of record batches.</summary>
public static class Crc32C
{
    /// <summary>The checksum of the bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what <paramref name="crc"/> is of, followed by the bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes)) state = BitOperations.Crc32C(state, word);
        foreach (byte b in bytes[(bytes.Length & ~7)..]) state = BitOperations.Crc32C(state, b);
        return ~state;
    }
}

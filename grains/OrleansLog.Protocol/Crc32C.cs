using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansLog.Protocol;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of record batches. Uses the processor's instruction where there is one (SSE 4.2, ARMv8).
/// </summary>
/// <remarks>
/// The instruction has a latency of three cycles but one can start in each, so a long span is cut into three lanes whose
/// checksums are computed side by side and then joined: the CRC of "a then b" is the CRC of a, moved past as many zero bytes
/// as b has, xor the CRC of b. Moving is linear, so a table per byte of the CRC does it.
/// </remarks>
public static class Crc32C
{
    private const int LongLaneBytes = 4096;
    private const int ShortLaneBytes = 256;

    private static readonly uint[] PastLongLane = BuildShiftTable(LongLaneBytes);
    private static readonly uint[] PastShortLane = BuildShiftTable(ShortLaneBytes);

    /// <summary>The checksum of the bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what <paramref name="crc"/> is of, followed by the bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        if (bytes.Length >= 3 * LongLaneBytes) state = Interleaved(state, ref bytes, LongLaneBytes, PastLongLane);
        if (bytes.Length >= 3 * ShortLaneBytes) state = Interleaved(state, ref bytes, ShortLaneBytes, PastShortLane);
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        int i = 0;
        for (; i <= bytes.Length - sizeof(ulong); i += sizeof(ulong)) state = BitOperations.Crc32C(state, Word(ref at, i));
        for (; i < bytes.Length; i++) state = BitOperations.Crc32C(state, Unsafe.Add(ref at, i));
        return ~state;
    }

    private static uint Interleaved(uint state, ref ReadOnlySpan<byte> bytes, int lane, uint[] pastLane)
    {
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        int left = bytes.Length;
        while (left >= 3 * lane)
        {
            uint second = 0;
            uint third = 0;
            for (int i = 0; i < lane; i += sizeof(ulong))
            {
                state = BitOperations.Crc32C(state, Word(ref at, i));
                second = BitOperations.Crc32C(second, Word(ref at, i + lane));
                third = BitOperations.Crc32C(third, Word(ref at, i + (2 * lane)));
            }

            state = Shift(pastLane, Shift(pastLane, state) ^ second) ^ third;
            at = ref Unsafe.Add(ref at, 3 * lane);
            left -= 3 * lane;
        }

        bytes = bytes[^left..];
        return state;
    }

    // The instruction wants the bytes in the order of memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte at, int index)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index));
        return BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }

    private static uint Shift(uint[] table, uint crc) =>
        table[crc & 0xFF] ^ table[256 + ((crc >> 8) & 0xFF)] ^ table[512 + ((crc >> 16) & 0xFF)] ^ table[768 + (crc >> 24)];

    private static uint[] BuildShiftTable(int zeroBytes)
    {
        Span<uint> ofBit = stackalloc uint[32];
        for (int bit = 0; bit < 32; bit++)
        {
            uint state = 1u << bit;
            for (int i = 0; i < zeroBytes; i += sizeof(ulong)) state = BitOperations.Crc32C(state, 0UL);
            ofBit[bit] = state;
        }

        var table = new uint[4 * 256];
        for (int i = 0; i < table.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                if ((i & (1 << bit)) != 0) table[i] ^= ofBit[(8 * (i >> 8)) + bit];
            }
        }

        return table;
    }
}

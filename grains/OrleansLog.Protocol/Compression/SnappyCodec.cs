using OrleansLog.Protocol.Records;
using Snappier;
using static System.Buffers.Binary.BinaryPrimitives;

namespace OrleansLog.Protocol.Compression;

/// <summary>
/// Snappy. Java writes xerial's framing: a 16-byte header (magic, version, oldest compatible version), then blocks with a
/// big-endian length in front of each. librdkafka writes one raw block. Both are read, the framing is written.
/// </summary>
internal static class SnappyCodec
{
    private const int HeaderBytes = 16;
    private const int BlockBytes = 32 * 1024;

    // A copy of 64 bytes takes three bytes, so nothing grows more than by this. A length that says more is a lie.
    private const int LargestRatio = 22;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static BatchFault Decompress(ReadOnlySpan<byte> input, int maxBytes, ref PooledBuffer output)
    {
        if (!input.StartsWith(Magic)) return DecompressBlock(input, maxBytes, ref output);
        if (input.Length < HeaderBytes) return BatchFault.CorruptCompression;
        ReadOnlySpan<byte> rest = input[HeaderBytes..];
        while (rest.Length > 0)
        {
            if (rest.Length < sizeof(int)) return BatchFault.CorruptCompression;
            int length = ReadInt32BigEndian(rest);
            if (length < 0 || length > rest.Length - sizeof(int)) return BatchFault.CorruptCompression;
            BatchFault fault = DecompressBlock(rest.Slice(sizeof(int), length), maxBytes, ref output);
            if (fault != BatchFault.None) return fault;
            rest = rest[(sizeof(int) + length)..];
        }

        return BatchFault.None;
    }

    /// <summary>Adds the sizes that the blocks announce up.</summary>
    public static BatchFault Measure(ReadOnlySpan<byte> input, out long largestBytes)
    {
        largestBytes = 0;
        if (!input.StartsWith(Magic)) return MeasureBlock(input, ref largestBytes);
        if (input.Length < HeaderBytes) return BatchFault.CorruptCompression;
        for (ReadOnlySpan<byte> rest = input[HeaderBytes..]; rest.Length > 0;)
        {
            if (rest.Length < sizeof(int)) return BatchFault.CorruptCompression;
            int length = ReadInt32BigEndian(rest);
            if (length < 0 || length > rest.Length - sizeof(int)) return BatchFault.CorruptCompression;
            BatchFault fault = MeasureBlock(rest.Slice(sizeof(int), length), ref largestBytes);
            if (fault != BatchFault.None) return fault;
            rest = rest[(sizeof(int) + length)..];
        }

        return BatchFault.None;
    }

    public static void Compress(ReadOnlySpan<byte> input, ref PooledBuffer output)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        WriteInt32BigEndian(header[8..], 1);
        WriteInt32BigEndian(header[12..], 1);
        output.Append(header);
        while (input.Length > 0)
        {
            ReadOnlySpan<byte> block = input[..Math.Min(BlockBytes, input.Length)];
            input = input[block.Length..];
            output.Reserve(sizeof(int) + Snappy.GetMaxCompressedLength(block.Length));
            int written = Snappy.Compress(block, output.Free[sizeof(int)..]);
            WriteInt32BigEndian(output.Free, written);
            output.Advance(sizeof(int) + written);
        }
    }

    private static BatchFault MeasureBlock(ReadOnlySpan<byte> block, ref long bytes)
    {
        if (Varint.ReadUnsigned(block, out uint length) == 0 || length > (long)block.Length * LargestRatio) return BatchFault.CorruptCompression;
        bytes += length;
        return BatchFault.None;
    }

    private static BatchFault DecompressBlock(ReadOnlySpan<byte> block, int maxBytes, ref PooledBuffer output)
    {
        if (Varint.ReadUnsigned(block, out uint length) == 0) return BatchFault.CorruptCompression;
        if (length > (long)block.Length * LargestRatio) return BatchFault.CorruptCompression;
        if (length > maxBytes - output.Length) return BatchFault.DecompressedTooLarge;
        output.Reserve((int)length);
        try
        {
            if (!Snappy.TryDecompress(block, output.Free[..(int)length], out int written) || written != length)
                return BatchFault.CorruptCompression;
            output.Advance(written);
            return BatchFault.None;
        }
        catch (InvalidDataException)
        {
            return BatchFault.CorruptCompression;
        }
    }
}

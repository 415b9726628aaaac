using K4os.Compression.LZ4;
using K4os.Hash.xxHash;
using OrleansLog.Protocol.Records;
using static System.Buffers.Binary.BinaryPrimitives;

namespace OrleansLog.Protocol.Compression;

/// <summary>
/// The LZ4 frame format (version 01) with independent blocks: magic, flags, block size, header checksum, blocks with a
/// little-endian length each (top bit: stored as it is), an end mark of zero. Kafka's clients refuse linked blocks, so do we.
/// </summary>
internal static class Lz4Codec
{
    private const uint Magic = 0x184D2204;
    private const uint StoredFlag = 0x8000_0000;
    private const int VersionMask = 0xC0;
    private const int Version = 0x40;
    private const int IndependentBlocks = 0x20;
    private const int BlockChecksums = 0x10;
    private const int HasContentSize = 0x08;
    private const int HasContentChecksum = 0x04;
    private const int ReservedFlags = 0x03; // the second of them announces a dictionary
    private const int BlockBytes = 64 * 1024;
    private const int SmallestBlock = 16; // nothing shorter shrinks
    private const byte BlockBytesCode = 4 << 4;

    // A run takes one byte per 255 bytes of it.
    private const int LargestRatio = 256;

    public static BatchFault Decompress(ReadOnlySpan<byte> input, int maxBytes, ref PooledBuffer output)
    {
        int start = output.Length;
        if (!Frame.TryRead(ref input, out Frame frame)) return BatchFault.CorruptCompression;
        if (frame.ContentBytes is { } announced && announced > (ulong)maxBytes) return BatchFault.DecompressedTooLarge;
        while (true)
        {
            if (input.Length < sizeof(uint)) return BatchFault.CorruptCompression;
            uint length = ReadUInt32LittleEndian(input);
            input = input[sizeof(uint)..];
            if (length == 0) break;
            BatchFault fault = DecompressBlock(length, frame, maxBytes, ref input, ref output);
            if (fault != BatchFault.None) return fault;
        }

        ReadOnlySpan<byte> content = output.Written[start..];
        if (frame.ContentBytes is { } expected && expected != (ulong)content.Length) return BatchFault.CorruptCompression;
        if (!frame.ContentHasChecksum) return input.IsEmpty ? BatchFault.None : BatchFault.CorruptCompression;
        return input.Length == sizeof(uint) && ReadUInt32LittleEndian(input) == XXH32.DigestOf(content)
            ? BatchFault.None
            : BatchFault.CorruptCompression;
    }

    /// <summary>Walks over the blocks without opening them, for the most that they can become.</summary>
    public static BatchFault Measure(ReadOnlySpan<byte> input, out long largestBytes)
    {
        largestBytes = 0;
        if (!Frame.TryRead(ref input, out Frame frame)) return BatchFault.CorruptCompression;
        while (true)
        {
            if (input.Length < sizeof(uint)) return BatchFault.CorruptCompression;
            uint length = ReadUInt32LittleEndian(input);
            if (length == 0) break;
            int stored = (int)(length & ~StoredFlag);
            long end = sizeof(uint) + (long)stored + (frame.BlocksHaveChecksum ? sizeof(uint) : 0);
            if (stored > frame.BlockBytes || end > input.Length) return BatchFault.CorruptCompression;
            largestBytes += (length & StoredFlag) != 0 ? stored : Math.Min(frame.BlockBytes, (long)stored * LargestRatio);
            input = input[(int)end..];
        }

        if (frame.ContentBytes is { } announced)
        {
            if (announced > (ulong)largestBytes) return BatchFault.CorruptCompression;
            largestBytes = (long)announced;
        }

        return input.Length == sizeof(uint) + (frame.ContentHasChecksum ? sizeof(uint) : 0) ? BatchFault.None : BatchFault.CorruptCompression;
    }

    public static void Compress(ReadOnlySpan<byte> input, int? level, ref PooledBuffer output)
    {
        LZ4Level effort = ToLibraryLevel(level);
        Span<byte> header = [0, 0, 0, 0, Version | IndependentBlocks, BlockBytesCode, 0];
        WriteUInt32LittleEndian(header, Magic);
        header[6] = HeaderChecksum(header[4..6]);
        output.Append(header);
        while (input.Length > 0)
        {
            ReadOnlySpan<byte> block = input[..Math.Min(BlockBytes, input.Length)];
            input = input[block.Length..];
            output.Reserve(sizeof(uint) + block.Length);
            // A target one byte short of the block: what does not shrink is stored.
            int written = block.Length < SmallestBlock
                ? 0
                : LZ4Codec.Encode(block, output.Free.Slice(sizeof(uint), block.Length - 1), effort);
            bool isStored = written <= 0;
            if (isStored) block.CopyTo(output.Free[sizeof(uint)..]);
            WriteUInt32LittleEndian(output.Free, isStored ? StoredFlag | (uint)block.Length : (uint)written);
            output.Advance(sizeof(uint) + (isStored ? block.Length : written));
        }

        output.Append([0, 0, 0, 0]);
    }

    private static BatchFault DecompressBlock(
        uint length, in Frame frame, int maxBytes, ref ReadOnlySpan<byte> input, ref PooledBuffer output)
    {
        int stored = (int)(length & ~StoredFlag);
        if (stored > frame.BlockBytes || stored > input.Length) return BatchFault.CorruptCompression;
        ReadOnlySpan<byte> block = input[..stored];
        input = input[stored..];
        if (frame.BlocksHaveChecksum)
        {
            if (input.Length < sizeof(uint) || ReadUInt32LittleEndian(input) != XXH32.DigestOf(block))
                return BatchFault.CorruptCompression;
            input = input[sizeof(uint)..];
        }

        int left = maxBytes - output.Length;
        if ((length & StoredFlag) != 0)
        {
            if (stored > left) return BatchFault.DecompressedTooLarge;
            output.Append(block);
            return BatchFault.None;
        }

        int largest = (int)Math.Min(frame.BlockBytes, (long)stored * LargestRatio);
        int room = Math.Min(largest, left);
        output.Reserve(room);
        int written = LZ4Codec.Decode(block, output.Free[..room]);
        // It does not say whether the block is damaged or only too long; with all the room it may want, it is damaged.
        if (written < 0) return room < largest ? BatchFault.DecompressedTooLarge : BatchFault.CorruptCompression;
        output.Advance(written);
        return BatchFault.None;
    }

    private static LZ4Level ToLibraryLevel(int? level) => level switch
    {
        null => LZ4Level.L00_FAST,
        <= 3 => LZ4Level.L03_HC,
        >= 12 => LZ4Level.L12_MAX,
        _ => (LZ4Level)level,
    };

    private static byte HeaderChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XXH32.DigestOf(descriptor) >> 8);

    private readonly record struct Frame(int BlockBytes, bool BlocksHaveChecksum, bool ContentHasChecksum, ulong? ContentBytes)
    {
        public static bool TryRead(ref ReadOnlySpan<byte> input, out Frame frame)
        {
            frame = default;
            if (input.Length < 7 || ReadUInt32LittleEndian(input) != Magic) return false;
            int flags = input[4];
            int blockCode = (input[5] >> 4) & 0x07;
            if ((flags & (VersionMask | IndependentBlocks | ReservedFlags)) != (Version | IndependentBlocks)) return false;
            if (blockCode < 4 || (input[5] & 0x8F) != 0) return false;
            bool hasSize = (flags & HasContentSize) != 0;
            int end = hasSize ? 14 : 6;
            if (input.Length < end + 1 || input[end] != HeaderChecksum(input[4..end])) return false;
            frame = new Frame(
                1 << (8 + (2 * blockCode)),
                (flags & BlockChecksums) != 0,
                (flags & HasContentChecksum) != 0,
                hasSize ? ReadUInt64LittleEndian(input[6..]) : null);
            input = input[(end + 1)..];
            return true;
        }
    }
}

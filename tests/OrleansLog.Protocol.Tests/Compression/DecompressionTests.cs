using System.Buffers.Binary;
using CsCheck;
using K4os.Compression.LZ4.Streams;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.Protocol.Tests.Records;
using Snappier;

namespace OrleansLog.Protocol.Tests.Compression;

/// <summary>What the decompressors accept, and what they refuse before it costs anything.</summary>
public class DecompressionTests
{
    private const int CapBytes = 256 * 1024;

    public static TheoryData<CompressionCodec> Codecs { get; } =
        [CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_bomb_is_refused_at_the_cap(CompressionCodec codec)
    {
        byte[] bomb = Compress(codec, new byte[300 * CapBytes]);
        var output = new PooledBuffer();

        BatchFault fault = Decompressor.Decompress(codec, bomb, CapBytes, ref output);

        Assert.Equal(BatchFault.DecompressedTooLarge, fault);
        Assert.InRange(output.Capacity, 0, 4 * CapBytes);
        output.Dispose();
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void The_cap_is_exact(CompressionCodec codec)
    {
        byte[] content = new byte[CapBytes];
        new Random(1).NextBytes(content.AsSpan(0, CapBytes / 2));
        byte[] compressed = Compress(codec, content);

        Assert.Equal(content, Decompress(codec, compressed, CapBytes, BatchFault.None));
        Decompress(codec, compressed, CapBytes - 1, BatchFault.DecompressedTooLarge);
    }

    [Theory]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Nothing_compressed_is_nothing(CompressionCodec codec) =>
        Assert.Empty(Decompress(codec, Compress(codec, []), CapBytes, BatchFault.None));

    // gzip's last bytes are a checksum and a length that the runtime does not miss; the batch has its own.
    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_batch_whose_compressed_records_are_cut_is_refused_or_has_them_all(CompressionCodec codec)
    {
        TestRecord[] records = TestRecord.Some(30);
        byte[] batch = TestRecord.Encode(records, codec);
        for (int length = RecordBatchHeader.Size; length < batch.Length; length++)
        {
            byte[] cut = batch[..length];
            BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(8), length - RecordBatchHeader.LogOverhead);
            BinaryPrimitives.WriteUInt32BigEndian(cut.AsSpan(17), RecordBatchHeader.ComputeCrc(cut));
            using BatchRecords? opened = BatchRecords.Open(cut, CapBytes, out ErrorCode error);
            if (codec == CompressionCodec.Gzip && opened is not null) TestRecord.AssertReads(records, cut);
            else Assert.Contains(error, new[] { ErrorCode.CorruptMessage, ErrorCode.InvalidRecord });
        }
    }

    [Fact]
    public void Raw_snappy_is_read_like_the_framed()
    {
        byte[] content = new byte[100_000];
        Assert.Equal(content, Decompress(CompressionCodec.Snappy, Snappy.CompressToArray(content), CapBytes, BatchFault.None));
    }

    [Fact]
    public void A_snappy_length_that_lies_costs_nothing()
    {
        byte[] lie = new byte[20];
        Varint.WriteUnsigned(lie, CapBytes);
        var output = new PooledBuffer();
        Assert.Equal(BatchFault.CorruptCompression, Decompressor.Decompress(CompressionCodec.Snappy, lie, CapBytes, ref output));
        Assert.Equal(0, output.Capacity);
    }

    [Theory]
    [InlineData(Lz4BlockSize.Max64KB, true, true)]
    [InlineData(Lz4BlockSize.Max4MB, false, true)]
    [InlineData(Lz4BlockSize.Max256KB, true, false)]
    public void Every_kind_of_lz4_frame_with_independent_blocks_is_read(Lz4BlockSize block, bool contentChecksum, bool blockChecksum)
    {
        byte[] content = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i >> 8))];
        var settings = new LZ4EncoderSettings
        {
            BlockSize = (int)block,
            ChainBlocks = false,
            ContentChecksum = contentChecksum,
            BlockChecksum = blockChecksum,
        };
        byte[] frame = Lz4Frame(content, settings);
        Assert.Equal(content, Decompress(CompressionCodec.Lz4, frame, CapBytes, BatchFault.None));

        if (!contentChecksum && !blockChecksum) return;
        frame[^12] ^= 1;
        Decompress(CompressionCodec.Lz4, frame, CapBytes, BatchFault.CorruptCompression);
    }

    [Theory]
    [InlineData(5, BatchFault.None)]
    [InlineData(6, BatchFault.CorruptCompression)]
    [InlineData(CapBytes + 1, BatchFault.DecompressedTooLarge)]
    public void The_content_size_of_an_lz4_frame_has_to_be_right(long announced, BatchFault fault)
    {
        byte[] frame = [0x04, 0x22, 0x4D, 0x18, 0x68, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0x80, 1, 2, 3, 4, 5, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(6), announced);
        frame[14] = (byte)(K4os.Hash.xxHash.XXH32.DigestOf(frame.AsSpan(4, 10)) >> 8);
        Decompress(CompressionCodec.Lz4, frame, CapBytes, fault);
    }

    [Fact]
    public void Linked_lz4_blocks_are_refused_as_Kafka_s_clients_refuse_them()
    {
        byte[] frame = Lz4Frame(new byte[200_000], new LZ4EncoderSettings { ChainBlocks = true });
        Decompress(CompressionCodec.Lz4, frame, CapBytes, BatchFault.CorruptCompression);
        Assert.Equal(BatchFault.CorruptCompression, Decompressor.Measure(CompressionCodec.Lz4, frame, out _));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_can_be_decompressed_has_a_frame_that_is_good_and_is_no_larger_than_it_says(CompressionCodec codec) =>
        Gen.Select(Gen.Int[0, 200_000], Gen.Int[0, 200_000], Gen.Int).Sample((zeros, noise, seed) =>
        {
            byte[] content = new byte[zeros + noise + 1];
            new Random(seed).NextBytes(content.AsSpan(zeros));
            Assert.Equal(BatchFault.None, Decompressor.Measure(codec, Compress(codec, content), out long largestBytes));
            Assert.InRange(content.Length, 0, largestBytes);
        }, iter: 50);

    [Theory]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void A_frame_that_is_cut_or_has_more_behind_it_is_told_without_opening_it(CompressionCodec codec)
    {
        byte[] content = new byte[100_000];
        new Random(1).NextBytes(content.AsSpan(0, 50_000));
        byte[] compressed = Compress(codec, content);
        for (int length = 0; length < compressed.Length; length += length < 100 || length > compressed.Length - 100 ? 1 : 61)
            Assert.Equal(BatchFault.CorruptCompression, Decompressor.Measure(codec, compressed.AsSpan(0, length), out _));
        Assert.Equal(BatchFault.CorruptCompression, Decompressor.Measure(codec, [.. compressed, 1], out _));
    }

    // Not snappy: a raw block is a length, and then anything.
    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void What_is_no_frame_is_told_without_opening_it(CompressionCodec codec) =>
        Assert.Equal(BatchFault.CorruptCompression, Decompressor.Measure(codec, "what was never compressed"u8, out _));

    [Fact]
    public void Lz4_is_written_as_the_Java_client_writes_it()
    {
        byte[] written = Compress(CompressionCodec.Lz4, new byte[100_000]);
        Assert.Equal("04224d18604082", Convert.ToHexStringLower(written[..7]));
        using var stream = LZ4Stream.Decode(new MemoryStream(written));
        using var content = new MemoryStream();
        stream.CopyTo(content);
        Assert.Equal(new byte[100_000], content.ToArray());
    }

    [Fact]
    public void Snappy_is_written_in_xerial_s_framing()
    {
        byte[] written = Compress(CompressionCodec.Snappy, new byte[40_000]);
        Assert.Equal("82534e41505059000000000100000001", Convert.ToHexStringLower(written[..16]));
        int first = BinaryPrimitives.ReadInt32BigEndian(written.AsSpan(16));
        Assert.Equal(32 * 1024, Snappy.GetUncompressedLength(written.AsSpan(20, first)));
    }

    // The header of a frame asks for a window of 2 GiB and does not say how long its content is.
    [Fact]
    public void A_zstd_window_that_is_asked_for_is_not_set_aside()
    {
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x19, 0x00, 0x00, 1, 2, 3];
        long before = Environment.WorkingSet;
        byte[] content = Decompress(CompressionCodec.Zstd, frame, CapBytes, BatchFault.None);
        Assert.Equal([1, 2, 3], content);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 512L * 1024 * 1024);
    }

    [Fact]
    public void Gzip_of_several_members_is_read_to_the_end()
    {
        byte[] both = [.. Compress(CompressionCodec.Gzip, [1, 2]), .. Compress(CompressionCodec.Gzip, [3])];
        Assert.Equal([1, 2, 3], Decompress(CompressionCodec.Gzip, both, CapBytes, BatchFault.None));
    }

    public enum Lz4BlockSize
    {
        Max64KB = 64 * 1024,
        Max256KB = 256 * 1024,
        Max4MB = 4 * 1024 * 1024,
    }

    private static byte[] Lz4Frame(byte[] content, LZ4EncoderSettings settings)
    {
        using var target = new MemoryStream();
        using (LZ4EncoderStream encoder = LZ4Stream.Encode(target, settings, leaveOpen: true)) encoder.Write(content);
        return target.ToArray();
    }

    private static byte[] Compress(CompressionCodec codec, byte[] content)
    {
        var output = new PooledBuffer();
        Compressor.Compress(codec, null, content, ref output);
        byte[] compressed = output.Written.ToArray();
        output.Dispose();
        return compressed;
    }

    private static byte[] Decompress(CompressionCodec codec, byte[] input, int cap, BatchFault expected)
    {
        var output = new PooledBuffer();
        Assert.Equal(expected, Decompressor.Decompress(codec, input, cap, ref output));
        byte[] content = expected == BatchFault.None ? output.Written.ToArray() : [];
        output.Dispose();
        return content;
    }
}

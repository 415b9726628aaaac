using OrleansLog.Protocol.Records;

namespace OrleansLog.Protocol.Compression;

/// <summary>
/// Decompresses the records of a batch. The bytes are hostile until they have been read to the end: no codec asks for
/// more memory than twice what has come out of it, or than the cap, and the cap holds while it runs.
/// </summary>
internal static class Decompressor
{
    /// <summary>
    /// Whether bytes look like what the codec writes, down to the lengths of the blocks, and the most that they can become. It opens
    /// nothing: a few nanoseconds a block.
    /// </summary>
    public static BatchFault Measure(CompressionCodec codec, ReadOnlySpan<byte> input, out long largestBytes)
    {
        largestBytes = 0;
        return codec switch
        {
            CompressionCodec.Gzip => GzipCodec.Measure(input, out largestBytes),
            CompressionCodec.Snappy => SnappyCodec.Measure(input, out largestBytes),
            CompressionCodec.Lz4 => Lz4Codec.Measure(input, out largestBytes),
            CompressionCodec.Zstd => ZstdCodec.Measure(input, out largestBytes),
            _ => BatchFault.UnknownCodec,
        };
    }

    /// <summary>Decompresses into an empty <paramref name="output"/>, up to <paramref name="maxBytes"/>.</summary>
    public static BatchFault Decompress(CompressionCodec codec, ReadOnlySpan<byte> input, long maxBytes, ref PooledBuffer output)
    {
        int cap = (int)Math.Clamp(maxBytes, 0, Array.MaxLength);
        return codec switch
        {
            CompressionCodec.Gzip => GzipCodec.Decompress(input, cap, ref output),
            CompressionCodec.Snappy => SnappyCodec.Decompress(input, cap, ref output),
            CompressionCodec.Lz4 => Lz4Codec.Decompress(input, cap, ref output),
            CompressionCodec.Zstd => ZstdCodec.Decompress(input, cap, ref output),
            _ => BatchFault.UnknownCodec,
        };
    }
}

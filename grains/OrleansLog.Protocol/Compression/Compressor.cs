namespace OrleansLog.Protocol.Compression;

/// <summary>Compresses the records of a batch in the framing that every client reads.</summary>
internal static class Compressor
{
    /// <summary>Appends the compressed input to <paramref name="output"/>.</summary>
    public static void Compress(CompressionCodec codec, int? level, ReadOnlySpan<byte> input, ref PooledBuffer output)
    {
        switch (codec)
        {
            case CompressionCodec.Gzip:
                GzipCodec.Compress(input, level, ref output);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Compress(input, ref output);
                break;
            case CompressionCodec.Lz4:
                Lz4Codec.Compress(input, level, ref output);
                break;
            case CompressionCodec.Zstd:
                ZstdCodec.Compress(input, level, ref output);
                break;
            default:
                output.Append(input);
                break;
        }
    }
}

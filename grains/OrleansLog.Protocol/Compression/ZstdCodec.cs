using OrleansLog.Protocol.Records;
using ZstdSharp.Unsafe;

namespace OrleansLog.Protocol.Compression;

/// <summary>
/// Zstandard. Whole batches are decompressed in one call, for which the output itself is the window: a frame's header can
/// then not make the decoder set a window of its own aside, however large a one it asks for.
/// </summary>
internal static unsafe class ZstdCodec
{
    private const int DefaultLevel = 3;
    private const int LikelyRatio = 8;
    private const int FirstGuessBytes = 64 * 1024;

    public static BatchFault Decompress(ReadOnlySpan<byte> input, int maxBytes, ref PooledBuffer output)
    {
        using ZstdContexts.Lease<ZstdDecompressionContext> lease = ZstdContexts.Decompression.Rent();
        fixed (byte* source = input)
        {
            ulong bound = input.IsEmpty ? ulong.MaxValue : Methods.ZSTD_decompressBound(source, (nuint)input.Length);
            if (bound is ulong.MaxValue or ulong.MaxValue - 1) return BatchFault.CorruptCompression;
            ulong exact = Methods.ZSTD_getFrameContentSize(source, (nuint)input.Length);
            if (exact < ulong.MaxValue - 1 && exact > (ulong)maxBytes) return BatchFault.DecompressedTooLarge;
            int largest = (int)Math.Min(bound, (ulong)maxBytes);
            int guess = (int)Math.Min(largest, Math.Max(FirstGuessBytes, (long)input.Length * LikelyRatio));
            while (true)
            {
                output.Reserve(guess);
                int room = Math.Min(output.Capacity, largest);
                nuint result;
                fixed (byte* target = output.Free)
                {
                    result = Methods.ZSTD_decompressDCtx(lease.Context.Pointer, target, (nuint)room, source, (nuint)input.Length);
                }

                if (!Methods.ZSTD_isError(result))
                {
                    output.Advance((int)result);
                    return BatchFault.None;
                }

                if (Methods.ZSTD_getErrorCode(result) != ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall) return BatchFault.CorruptCompression;
                if (room >= maxBytes) return BatchFault.DecompressedTooLarge;
                if (room >= largest) return BatchFault.CorruptCompression;
                guess = (int)Math.Min(largest, 2L * room);
            }
        }
    }

    /// <summary>Walks over the frames and their blocks without opening them, for the most that they can become.</summary>
    public static BatchFault Measure(ReadOnlySpan<byte> input, out long largestBytes)
    {
        largestBytes = 0;
        if (input.IsEmpty) return BatchFault.CorruptCompression;
        fixed (byte* source = input)
        {
            ulong bound = Methods.ZSTD_decompressBound(source, (nuint)input.Length);
            if (bound is ulong.MaxValue or ulong.MaxValue - 1) return BatchFault.CorruptCompression;
            largestBytes = (long)Math.Min(bound, long.MaxValue);
            return BatchFault.None;
        }
    }

    public static void Compress(ReadOnlySpan<byte> input, int? level, ref PooledBuffer output)
    {
        using ZstdContexts.Lease<ZstdCompressionContext> lease = ZstdContexts.Compression.Rent();
        output.Reserve((int)Methods.ZSTD_compressBound((nuint)input.Length));
        nuint result;
        fixed (byte* source = input)
        fixed (byte* target = output.Free)
        {
            result = Methods.ZSTD_compressCCtx(
                lease.Context.Pointer, target, (nuint)output.Free.Length, source, (nuint)input.Length, level ?? DefaultLevel);
        }

        if (Methods.ZSTD_isError(result)) throw new InvalidOperationException($"zstd: {Methods.ZSTD_getErrorName(result)}");
        output.Advance((int)result);
    }
}

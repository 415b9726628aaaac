using System.IO.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Protocol.Compression;

/// <summary>gzip through the runtime's zlib, whose streams cannot be used twice: the one codec that allocates per batch.</summary>
/// <remarks>
/// The runtime's decompressor does not complain about a stream that ends early; what is missing is found when the records are
/// walked over. Nothing at all comes out of a header alone, and a batch without records is not compressed.
/// </remarks>
internal static unsafe class GzipCodec
{
    private const int FirstGuessBytes = 16 * 1024;
    private const int LikelyRatio = 4;
    private const int HeaderAndTrailerBytes = 18;
    private const byte Deflate = 8;
    private const byte ReservedFlags = 0xE0;

    // Deflate's longest match, 258 bytes, takes at least two bits.
    private const int LargestRatio = 1032;

    public static BatchFault Decompress(ReadOnlySpan<byte> input, int maxBytes, ref PooledBuffer output)
    {
        if (input.IsEmpty) return BatchFault.CorruptCompression;
        fixed (byte* source = input)
        {
            using var compressed = new UnmanagedMemoryStream(source, input.Length);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            try
            {
                output.Reserve((int)Math.Min(maxBytes + 1L, Math.Max(FirstGuessBytes, (long)input.Length * LikelyRatio)));
                while (true)
                {
                    // One byte more than the cap is asked for: getting it is how a bomb is told.
                    output.Reserve(1);
                    int room = (int)Math.Min(output.Free.Length, (long)maxBytes - output.Length + 1);
                    int read = gzip.Read(output.Free[..room]);
                    if (read == 0) return output.Length > 0 ? BatchFault.None : BatchFault.CorruptCompression;
                    output.Advance(read);
                    if (output.Length > maxBytes) return BatchFault.DecompressedTooLarge;
                }
            }
            catch (InvalidDataException)
            {
                return BatchFault.CorruptCompression;
            }
        }
    }

    /// <summary>Looks at the header (RFC 1952); what follows cannot be walked over without opening it.</summary>
    public static BatchFault Measure(ReadOnlySpan<byte> input, out long largestBytes)
    {
        largestBytes = (long)input.Length * LargestRatio;
        bool isGzip = input.Length >= HeaderAndTrailerBytes && input[0] == 0x1F && input[1] == 0x8B && input[2] == Deflate && (input[3] & ReservedFlags) == 0;
        return isGzip ? BatchFault.None : BatchFault.CorruptCompression;
    }

    public static void Compress(ReadOnlySpan<byte> input, int? level, ref PooledBuffer output)
    {
        using var target = new PooledStream(output);
        output = default; // the stream has it now
        using (var gzip = new GZipStream(target, new ZLibCompressionOptions { CompressionLevel = level ?? -1 }, leaveOpen: true))
        {
            gzip.Write(input);
        }

        output = target.Take();
    }

    /// <summary>A stream that writes to the end of a pooled buffer.</summary>
    private sealed class PooledStream(PooledBuffer buffer) : Stream
    {
        private PooledBuffer _buffer = buffer;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public PooledBuffer Take()
        {
            PooledBuffer taken = _buffer;
            _buffer = default;
            return taken;
        }

        public override void Write(byte[] buffer, int offset, int count) => _buffer.Append(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => _buffer.Append(buffer);

        public override void WriteByte(byte value) => _buffer.Append([value]);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

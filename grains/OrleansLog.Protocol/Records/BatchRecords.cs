using System.Diagnostics.CodeAnalysis;
using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// An opened batch: decompressed if need be, every length and count in it checked, so that enumerating its records cannot
/// fail. Control batches open like any other; <see cref="RecordBatchHeader.IsControl"/> tells readers what to hide.
/// </summary>
/// <example>
/// <code>
/// using BatchRecords? records = BatchRecords.Open(batch, maxDecompressedBytes: 16 * 1024 * 1024, out ErrorCode error);
/// if (records is null) return error;
/// foreach (ref readonly Record record in records) Handle(record.Offset, record.Key, record.Value);
/// </code>
/// </example>
public sealed class BatchRecords : IDisposable
{
    private ReadOnlyMemory<byte> _records;
    private PooledBuffer _opened;

    private BatchRecords(in RecordBatchHeader header) => Header = header;

    /// <summary>The batch's header.</summary>
    public RecordBatchHeader Header { get; }

    /// <summary>Number of records.</summary>
    public int Count => Header.RecordCount;

    /// <summary>Bytes of the records, decompressed.</summary>
    public int DecompressedBytes => _records.Length;

    /// <summary>
    /// Opens the batch at the start of <paramref name="batch"/>; bytes behind it are left alone. Null if it is not a good
    /// one; <paramref name="error"/> says why. The CRC is checked.
    /// </summary>
    public static BatchRecords? Open(ReadOnlyMemory<byte> batch, long maxDecompressedBytes, out ErrorCode error)
    {
        BatchRecords? records = Open(batch, new BatchOpenOptions { MaxDecompressedBytes = maxDecompressedBytes }, out BatchVerdict verdict);
        error = verdict.Error;
        return records;
    }

    /// <summary>The same with a verdict that says exactly what is wrong.</summary>
    public static BatchRecords? Open(ReadOnlyMemory<byte> batch, in BatchOpenOptions options, out BatchVerdict verdict)
    {
        BatchFault fault = BatchIntegrity.Check(batch.Span, int.MaxValue, out RecordBatchHeader header);
        if (fault == BatchFault.None && options.CheckCrc) fault = BatchIntegrity.CheckCrc(batch.Span, header);
        if (fault != BatchFault.None)
        {
            verdict = new BatchVerdict(fault, header);
            return null;
        }

        var records = new BatchRecords(header);
        verdict = records.Load(batch[RecordBatchHeader.Size..(int)header.SizeInBytes], options.MaxDecompressedBytes);
        if (verdict.IsGood) return records;
        records.Dispose();
        return null;
    }

    /// <summary>Enumerates the records; the reference is valid until the next step.</summary>
    public Enumerator GetEnumerator() => new(_records, Header);

    /// <summary>Returns the pooled memory; slices of it must not be used any more.</summary>
    public void Dispose()
    {
        _records = default;
        _opened.Dispose();
    }

    internal static InvalidOperationException ChangedWhileRead() =>
        new("The memory of the batch was changed or reused while its records were read.");

    private BatchVerdict Load(ReadOnlyMemory<byte> payload, long maxDecompressedBytes)
    {
        _records = payload;
        RecordBatchHeader header = Header;
        // The cleaner leaves batches without records, and without anything to decompress.
        if (header.Codec != CompressionCodec.None && (payload.Length > 0 || header.RecordCount > 0))
        {
            BatchFault fault = Decompressor.Decompress(header.Codec, payload.Span, maxDecompressedBytes, ref _opened);
            if (fault != BatchFault.None) return new BatchVerdict(fault, header);
            _records = _opened.WrittenMemory;
        }

        var walk = new RecordWalk();
        BatchFault found = walk.Run(_records.Span, header);
        return new BatchVerdict(found, header, walk.RecordIndex, walk.MaxTimestampMs);
    }

    /// <summary>Walks over the records of a batch.</summary>
    public struct Enumerator
    {
        private readonly ReadOnlyMemory<byte> _records;
        private readonly long _baseOffset;
        private readonly long _baseTimestamp;
        private readonly long _appendTime;
        private readonly bool _isAppendTime;
        private int _left;
        private int _position;
        private Record _current;

        internal Enumerator(ReadOnlyMemory<byte> records, in RecordBatchHeader header)
        {
            _records = records;
            _baseOffset = header.BaseOffset;
            _baseTimestamp = header.BaseTimestamp;
            _appendTime = header.MaxTimestamp;
            _isAppendTime = header.TimestampType == TimestampType.LogAppendTime;
            _left = header.RecordCount;
        }

        /// <summary>The record at hand.</summary>
        [UnscopedRef]
        public readonly ref readonly Record Current => ref _current;

        /// <summary>Moves to the next record.</summary>
        public bool MoveNext()
        {
            if (_left == 0) return false;
            if (!RecordFrame.TryParse(_records.Span, _position, out RecordFrame frame)) throw ChangedWhileRead();
            _left--;
            _position = frame.End;
            _current = new Record(
                _baseOffset + frame.OffsetDelta,
                _isAppendTime ? _appendTime : unchecked(_baseTimestamp + frame.TimestampDelta),
                _records,
                frame);
            return true;
        }
    }
}

/// <summary>How to open a batch.</summary>
public readonly record struct BatchOpenOptions
{
    /// <summary>The defaults: CRC checked, 100 MiB.</summary>
    public BatchOpenOptions()
    {
    }

    /// <summary>Largest size of the records once decompressed; the cap holds while decompressing.</summary>
    public long MaxDecompressedBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Whether the CRC is checked (<c>check.crcs</c>); off where it has just been.</summary>
    public bool CheckCrc { get; init; } = true;
}

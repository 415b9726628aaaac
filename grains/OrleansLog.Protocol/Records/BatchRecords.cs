using System.Diagnostics.CodeAnalysis;

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
    private BatchRecords(in RecordBatchHeader header) => Header = header;

    /// <summary>The batch's header.</summary>
    public RecordBatchHeader Header { get; }

    /// <summary>Number of records.</summary>
    public int Count => Header.RecordCount;

    /// <summary>Bytes of the records, decompressed.</summary>
    public int DecompressedBytes => throw new NotImplementedException();

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
    public static BatchRecords? Open(ReadOnlyMemory<byte> batch, in BatchOpenOptions options, out BatchVerdict verdict) =>
        throw new NotImplementedException();

    /// <summary>Enumerates the records; the reference is valid until the next step.</summary>
    public Enumerator GetEnumerator() => throw new NotImplementedException();

    /// <summary>Returns the pooled memory; slices of it must not be used any more.</summary>
    public void Dispose()
    {
    }

    internal static InvalidOperationException ChangedWhileRead() =>
        new("The memory of the batch was changed or reused while its records were read.");

    /// <summary>Walks over the records of a batch.</summary>
    public struct Enumerator
    {
        private Record _current;

        /// <summary>The record at hand.</summary>
        [UnscopedRef]
        public readonly ref readonly Record Current => ref _current;

        /// <summary>Moves to the next record.</summary>
        public bool MoveNext()
        {
            _current = default;
            throw new NotImplementedException();
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

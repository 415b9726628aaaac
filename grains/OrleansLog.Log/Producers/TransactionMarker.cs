using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>The one record of a control batch, as far as producers' states need it.</summary>
internal static class TransactionMarker
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The coordinator epoch of the marker that ends a transaction; null for any other control batch, or one that is damaged.</summary>
    internal static int? CoordinatorEpochOf(ReadOnlyMemory<byte> batch)
    {
        using BatchRecords? records = BatchRecords.Open(batch, new BatchOpenOptions { MaxDecompressedBytes = MaxBytes, CheckCrc = false }, out _);
        if (records is null)
            return null;
        foreach (ref readonly Record record in records)
        {
            if (ControlRecords.TryParseEndMarker(record, out EndTransactionMarker marker))
                return marker.CoordinatorEpoch;
        }

        return null;
    }

    /// <summary>The same from a file.</summary>
    internal static int? CoordinatorEpochAt(IDiskFile file, long position, long sizeInBytes)
    {
        if (sizeInBytes > MaxBytes)
            return null;
        byte[] batch = new byte[sizeInBytes];
        return file.Read(position, batch) == batch.Length ? CoordinatorEpochOf(batch) : null;
    }
}

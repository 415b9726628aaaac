namespace OrleansLog.Protocol.Records;

/// <summary>Takes apart a run of batches, as a fetch returns it or a segment file holds it.</summary>
public static class RecordBatches
{
    /// <summary>
    /// Takes the first batch off <paramref name="rest"/>. False if there is no whole one: the rest is empty, or a batch that was
    /// cut off at the end (which is usual in a fetch), or has a length that cannot be (<paramref name="fault"/> tells the two apart).
    /// </summary>
    public static bool TryTakeNext(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> batch, out BatchFault fault)
    {
        fault = BatchFault.None;
        batch = default;
        if (!RecordBatchHeader.TryRead(rest.Span, out RecordBatchHeader header)) return false;
        if (header.SizeInBytes < RecordBatchHeader.Size)
        {
            fault = BatchFault.LengthTooSmall;
            return false;
        }

        if (header.SizeInBytes > rest.Length) return false;
        batch = rest[..(int)header.SizeInBytes];
        rest = rest[(int)header.SizeInBytes..];
        return true;
    }
}

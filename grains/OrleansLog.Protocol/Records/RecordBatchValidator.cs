using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// What a leader checks in a batch before it appends it (D14). Uncompressed records are walked one by one; of compressed ones the
/// frame is, and the records only where the topic is compacted or the rules ask for it. Allocates nothing.
/// </summary>
public static class RecordBatchValidator
{
    /// <summary>Checks one batch, which has to fill <paramref name="batch"/> exactly.</summary>
    public static BatchVerdict Validate(ReadOnlySpan<byte> batch, in BatchRules rules)
    {
        BatchFault fault = BatchIntegrity.Check(batch, rules.MaxBatchBytes, out RecordBatchHeader header);
        if (fault == BatchFault.None && header.SizeInBytes != batch.Length) fault = BatchFault.MoreThanOneBatch;
        if (fault == BatchFault.None) fault = BatchIntegrity.CheckCrc(batch, header);
        if (fault == BatchFault.None) fault = CheckHeader(header, rules);
        if (fault != BatchFault.None) return new BatchVerdict(fault, header);
        return CheckRecords(batch[RecordBatchHeader.Size..], header, rules);
    }

    /// <summary>
    /// The records that make a batch one to be refused for their keys or timestamps, the first so many; none where the batch as a whole is
    /// wrong. It opens compressed batches: for batches that <see cref="Validate"/> refuses so (<see cref="BatchFaults.IsOfRecords"/>).
    /// </summary>
    /// <param name="batch">One whole batch.</param>
    /// <param name="rules">The rules that it was checked against.</param>
    /// <param name="max">Most records to name, at least 1.</param>
    public static BadRecord[] FindBadRecords(ReadOnlySpan<byte> batch, in BatchRules rules, int max)
    {
        if (!RecordBatchHeader.TryRead(batch, out RecordBatchHeader header)) return [];
        var walk = new RecordWalk
        {
            OffsetsAreDense = true,
            RequireKeys = rules.RequireKeys && !header.IsControl,
            Bounds = TimestampBounds.Of(rules),
            Bad = new List<BadRecord>(Math.Max(1, Math.Min(max, header.RecordCount))),
        };
        ReadOnlySpan<byte> payload = batch[RecordBatchHeader.Size..];
        var opened = new PooledBuffer();
        try
        {
            BatchFault fault = header.Codec == CompressionCodec.None
                ? BatchFault.None
                : Decompressor.Decompress(header.Codec, payload, rules.MaxDecompressedBytes, ref opened);
            if (fault == BatchFault.None) walk.Run(header.Codec == CompressionCodec.None ? payload : opened.Written, header);
            return fault == BatchFault.None && walk.RecordIndex < 0 ? [.. walk.Bad] : [];
        }
        finally
        {
            opened.Dispose();
        }
    }

    private static BatchFault CheckHeader(in RecordBatchHeader header, in BatchRules rules)
    {
        if (header.RecordCount <= 0) return BatchFault.InvalidRecordCount;
        if (header.LastOffsetDelta != header.RecordCount - 1) return BatchFault.LastOffsetDeltaMismatch;
        if (header.IsControl && !rules.AllowControl) return BatchFault.ControlBatchFromClient;
        if (header.HasDeleteHorizon) return BatchFault.DeleteHorizonFromClient;
        if (header.HasProducerId)
        {
            if (header.ProducerEpoch < 0) return BatchFault.InvalidProducerEpoch;
            if (header.BaseSequence < 0 && !header.IsControl) return BatchFault.InvalidSequence;
        }
        else if (header.IsTransactional)
        {
            return BatchFault.TransactionalWithoutProducerId;
        }

        if (rules.TimestampType == TimestampType.LogAppendTime) return BatchFault.None;
        if (header.TimestampType == TimestampType.LogAppendTime) return BatchFault.LogAppendTimeFromClient;
        var bounds = TimestampBounds.Of(rules);
        BatchFault fault = bounds.Check(header.MaxTimestamp);
        return fault != BatchFault.None ? fault : bounds.Check(header.BaseTimestamp);
    }

    /// <summary>What can be told of compressed records without opening them. Each takes as many offsets as its batch says it has.</summary>
    private static BatchFault CheckFrame(ReadOnlySpan<byte> payload, in RecordBatchHeader header, in BatchRules rules)
    {
        BatchFault fault = Decompressor.Measure(header.Codec, payload, out long largestBytes);
        if (fault != BatchFault.None) return fault;
        return header.RecordCount > Math.Min(largestBytes, rules.MaxDecompressedBytes) / RecordFrame.SmallestBytes
            ? BatchFault.MoreRecordsThanFit
            : BatchFault.None;
    }

    private static BatchVerdict CheckRecords(ReadOnlySpan<byte> payload, in RecordBatchHeader header, in BatchRules rules)
    {
        var walk = new RecordWalk
        {
            OffsetsAreDense = true,
            RequireKeys = rules.RequireKeys && !header.IsControl,
            Bounds = TimestampBounds.Of(rules),
        };
        if (header.Codec == CompressionCodec.None)
        {
            BatchFault fault = walk.Run(payload, header);
            return new BatchVerdict(fault, header, walk.RecordIndex, walk.MaxTimestampMs);
        }

        BatchFault frame = CheckFrame(payload, header, rules);
        if (frame != BatchFault.None || (!rules.OpenCompressed && !rules.RequireKeys)) return new BatchVerdict(frame, header, -1, header.MaxTimestamp);
        var opened = new PooledBuffer();
        try
        {
            BatchFault fault = Decompressor.Decompress(header.Codec, payload, rules.MaxDecompressedBytes, ref opened);
            if (fault == BatchFault.None) fault = walk.Run(opened.Written, header);
            return new BatchVerdict(fault, header, walk.RecordIndex, walk.MaxTimestampMs);
        }
        finally
        {
            opened.Dispose();
        }
    }
}

using OrleansLog.Grains.Partitions;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Appending;

/// <summary>What a leader does with a producer's batch before it may enter the queue (D14), on the producer's thread.</summary>
internal static class BatchIntake
{
    /// <summary>Checks a batch, stamps it where the topic asks for the time of the append, and compresses it anew where the topic forces a codec.</summary>
    /// <param name="batch">The producer's batch; changed in place.</param>
    /// <param name="settings">The topic's settings in force.</param>
    /// <param name="nowMs">The time of the append.</param>
    /// <param name="result">What to append.</param>
    /// <param name="message">What was wrong.</param>
    public static ErrorCode Check(Memory<byte> batch, PartitionSettings settings, long nowMs, out CheckedBatch result, out string? message)
    {
        result = default;
        message = null;
        var verdict = RecordBatchValidator.Validate(batch.Span, settings.RulesAt(nowMs));
        if (!verdict.IsGood)
        {
            message = verdict.RecordIndex < 0 ? verdict.Fault.Describe() : $"Record {verdict.RecordIndex}: {verdict.Fault.Describe()}";
            return verdict.Error;
        }

        if (verdict.Header.IsTransactional)
        {
            message = "Transactions are not supported yet.";
            return ErrorCode.InvalidTxnState;
        }

        if (settings.ForcedCodec is { } codec && codec != verdict.Header.Codec)
            return Recompress(batch, codec, settings, nowMs, out result, out message);

        var isStamped = settings.TimestampType == TimestampType.LogAppendTime;
        if (isStamped)
            RecordBatchHeader.SetMaxTimestampAndType(batch.Span, nowMs, TimestampType.LogAppendTime);
        else if (verdict.MaxTimestampDiffers)
            RecordBatchHeader.SetMaxTimestampAndType(batch.Span, verdict.MaxTimestampMs, TimestampType.CreateTime);

        result = new()
        {
            Bytes = batch,
            RecordCount = verdict.Header.RecordCount,
            ProducerId = verdict.Header.ProducerId,
            LogAppendTimeMs = isStamped ? nowMs : -1,
            IsStamped = isStamped,
            ProducersMaxTimestampMs = verdict.Header.MaxTimestamp,
        };
        return ErrorCode.None;
    }

    private static ErrorCode Recompress(
        Memory<byte> batch, CompressionCodec codec, PartitionSettings settings, long nowMs, out CheckedBatch result, out string? message)
    {
        result = default;
        using var records = BatchRecords.Open(
            batch, new BatchOpenOptions { MaxDecompressedBytes = settings.MaxDecompressedBytes, CheckCrc = false }, out var verdict);
        if (records is null)
        {
            message = verdict.Fault.Describe();
            return verdict.Error;
        }

        var isAppendTime = settings.TimestampType == TimestampType.LogAppendTime;
        var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions
        {
            Codec = codec,
            CompressionLevel = settings.CompressionLevel,
            CapacityBytes = Math.Max(256, RecordBatchHeader.Size + (records.DecompressedBytes * 2) + (records.Count * 16)),
            ProducerId = records.Header.ProducerId,
            ProducerEpoch = records.Header.ProducerEpoch,
            BaseSequence = records.Header.BaseSequence,
            IsTransactional = records.Header.IsTransactional,
            TimestampType = settings.TimestampType,
            LogAppendTimeMs = isAppendTime ? nowMs : -1,
        });
        var rebuilt = Rebuild(builder, records);
        if (rebuilt.Length > settings.MaxMessageBytes)
        {
            builder.Dispose();
            message = $"Compressed with {codec.Name()}, as the topic's compression.type asks, the batch has {rebuilt.Length} bytes; "
                + $"max.message.bytes allows {settings.MaxMessageBytes}.";
            return ErrorCode.MessageTooLarge;
        }

        result = new()
        {
            Bytes = rebuilt,
            RecordCount = records.Count,
            ProducerId = records.Header.ProducerId,
            LogAppendTimeMs = isAppendTime ? nowMs : -1,
            Owner = builder,
        };
        message = null;
        return ErrorCode.None;
    }

    private static Memory<byte> Rebuild(RecordBatchBuilder builder, BatchRecords records)
    {
        var headers = new List<RecordHeader>();
        foreach (ref readonly var record in records)
        {
            headers.Clear();
            foreach (var header in record.Headers)
                headers.Add(header);

            var fits = builder.TryAppend(
                record.TimestampMs, record.Key.Span, record.IsKeyNull, record.Value.Span, record.IsValueNull,
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(headers));
            if (!fits)
                throw new InvalidOperationException("a batch did not fit into a builder made for its size");
        }

        return builder.Build();
    }
}

using OrleansLog.Grains.Partitions;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Appending;

/// <summary>What a leader does with a producer's batch before it may enter the queue (D14), on the producer's thread.</summary>
internal static class BatchIntake
{
    /// <summary>Most bad records that an answer names of a batch: a small compressed one may have millions.</summary>
    private const int MaxRecordErrors = 1000;

    /// <summary>Checks a batch, stamps it where the topic asks for the time of the append, and compresses it anew where the topic forces a codec.</summary>
    /// <param name="batch">The producer's batch; changed in place.</param>
    /// <param name="settings">The topic's settings in force.</param>
    /// <param name="nowMs">The time of the append.</param>
    /// <param name="result">What to append.</param>
    /// <param name="refusal">What was wrong, and with which records; its error is none where nothing was.</param>
    public static bool TryCheck(Memory<byte> batch, PartitionSettings settings, long nowMs, out CheckedBatch result, out ProduceResult refusal)
    {
        refusal = default;
        var rules = settings.RulesAt(nowMs);
        var verdict = RecordBatchValidator.Validate(batch.Span, rules);
        if (!verdict.IsGood)
        {
            result = default;
            refusal = Refuse(batch.Span, rules, verdict);
            return false;
        }

        var error = Take(batch, verdict, settings, nowMs, out result, out var message);
        if (error != ErrorCode.None)
            refusal = ProduceResult.Failure(error, ProduceOutcome.NotStored, message);

        return error == ErrorCode.None;
    }

    private static ProduceResult Refuse(ReadOnlySpan<byte> batch, in BatchRules rules, in BatchVerdict verdict)
    {
        var bad = verdict.Fault.IsOfRecords() ? RecordBatchValidator.FindBadRecords(batch, rules, MaxRecordErrors) : [];
        if (bad.Length == 0)
        {
            var message = verdict.RecordIndex < 0 ? verdict.Fault.Describe() : OfRecord(verdict.RecordIndex, verdict.Fault);
            return ProduceResult.Failure(verdict.Error, ProduceOutcome.NotStored, message);
        }

        // As in Kafka, a timestamp out of bounds gives the batch its error, whatever else is wrong.
        var error = Array.Exists(bad, static record => record.Fault.IsOfTimestamps()) ? ErrorCode.InvalidTimestamp : ErrorCode.InvalidRecord;
        var count = bad.Length == 1 ? "" : $" {bad.Length}{(bad.Length == MaxRecordErrors ? " or more" : "")} of the batch's {verdict.Header.RecordCount} records are refused.";
        return ProduceResult.Failure(error, ProduceOutcome.NotStored, OfRecord(bad[0].Index, bad[0].Fault) + count) with
        {
            RecordErrors = Array.ConvertAll(bad, static record => new RecordError(record.Index, record.Fault.Describe())),
        };
    }

    private static string OfRecord(int index, BatchFault fault) => $"Record {index}: {fault.Describe()}";

    private static ErrorCode Take(
        Memory<byte> batch, in BatchVerdict verdict, PartitionSettings settings, long nowMs, out CheckedBatch result, out string? message)
    {
        result = default;
        message = null;

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
            CapacityBytes = (int)Math.Clamp(RecordBatchHeader.Size + (records.DecompressedBytes * 2L) + (records.Count * 16L), 256, RecordBatchBuilder.LargestCapacityBytes),
            ProducerId = records.Header.ProducerId,
            ProducerEpoch = records.Header.ProducerEpoch,
            BaseSequence = records.Header.BaseSequence,
            IsTransactional = records.Header.IsTransactional,
            TimestampType = settings.TimestampType,
            LogAppendTimeMs = isAppendTime ? nowMs : -1,
        });
        var rebuilt = Rebuild(builder, records);
        if (rebuilt is not { } bytes || bytes.Length > settings.MaxMessageBytes)
        {
            builder.Dispose();
            message = rebuilt is null
                ? "Unpacked, as the topic's compression.type asks, the batch is larger than one can be."
                : $"Compressed with {codec.Name()}, as the topic's compression.type asks, the batch has {rebuilt.Value.Length} bytes; "
                    + $"max.message.bytes allows {settings.MaxMessageBytes}.";
            return ErrorCode.MessageTooLarge;
        }

        result = new()
        {
            Bytes = bytes,
            RecordCount = records.Count,
            ProducerId = records.Header.ProducerId,
            LogAppendTimeMs = isAppendTime ? nowMs : -1,
            Owner = builder,
        };
        message = null;
        return ErrorCode.None;
    }

    /// <summary>The batch anew; null where it is too large for any builder.</summary>
    private static Memory<byte>? Rebuild(RecordBatchBuilder builder, BatchRecords records)
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
                return null;
        }

        return builder.Build();
    }
}

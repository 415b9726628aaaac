using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Records;

/// <summary>Reads golden segments with nothing but the batch reader: no index, no recovery.</summary>
internal static class GoldenLog
{
    private const long MaxDecompressedBytes = 1024 * 1024;

    /// <summary>Every whole, undamaged batch of a segment, up to the first that is not.</summary>
    public static List<ReadOnlyMemory<byte>> Batches(string segment)
    {
        ReadOnlyMemory<byte> rest = File.ReadAllBytes(Golden.PathOf(segment));
        List<ReadOnlyMemory<byte>> batches = [];
        while (RecordBatches.TryTakeNext(ref rest, out ReadOnlyMemory<byte> batch, out _))
        {
            if (BatchIntegrity.Check(batch.Span, int.MaxValue, out RecordBatchHeader header) != BatchFault.None) break;
            if (BatchIntegrity.CheckCrc(batch.Span, header) != BatchFault.None) break;
            batches.Add(batch);
        }

        return batches;
    }

    /// <summary>What a read_uncommitted consumer gets of all partitions: control batches are hidden.</summary>
    public static List<GoldenRecord> ReadTopic(string state, string topic)
    {
        List<GoldenRecord> records = [];
        foreach (string folder in Directory.EnumerateDirectories(Golden.PathOf("logs", state), topic + "-*").Order(StringComparer.Ordinal))
        {
            string suffix = Path.GetFileName(folder)[(topic.Length + 1)..];
            if (!int.TryParse(suffix, out int partition)) continue;
            foreach (string segment in Golden.Segments(Path.GetRelativePath(Golden.PathOf("logs"), folder)))
            {
                foreach (ReadOnlyMemory<byte> batch in Batches(segment))
                {
                    _ = RecordBatchHeader.TryRead(batch.Span, out RecordBatchHeader header);
                    if (!header.IsControl) records.AddRange(ReadBatch(batch, partition));
                }
            }
        }

        return records;
    }

    public static List<GoldenRecord> ReadBatch(ReadOnlyMemory<byte> batch, int partition)
    {
        using BatchRecords? opened = BatchRecords.Open(batch, MaxDecompressedBytes, out ErrorCode error);
        Assert.Equal(ErrorCode.None, error);
        List<GoldenRecord> records = [];
        foreach (ref readonly Record record in opened!)
        {
            records.Add(new GoldenRecord(
                partition, record.Offset, record.TimestampMs, opened.Header.TimestampType.ToString(),
                opened.Header.PartitionLeaderEpoch, record.IsKeyNull ? null : record.Key.ToArray(),
                record.IsValueNull ? null : record.Value.ToArray(),
                [.. record.Headers.ToArray().Select(Header)]));
        }

        return records;
    }

    private static (string Key, byte[]? Value) Header(RecordHeader header) =>
        (header.Key, header.ValueIsNull ? null : header.Value.ToArray());

    /// <summary>Puts the records of a batch through our builder, with everything that its header says.</summary>
    public static byte[] EncodeAgain(ReadOnlyMemory<byte> batch)
    {
        using BatchRecords records = BatchRecords.Open(batch, MaxDecompressedBytes, out _)!;
        RecordBatchHeader header = records.Header;
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions
        {
            Codec = header.Codec,
            CapacityBytes = (int)MaxDecompressedBytes,
            ProducerId = header.ProducerId,
            ProducerEpoch = header.ProducerEpoch,
            BaseSequence = header.BaseSequence,
            IsTransactional = header.IsTransactional,
            IsControl = header.IsControl,
            TimestampType = header.TimestampType,
            LogAppendTimeMs = header.MaxTimestamp,
            BaseOffset = header.BaseOffset,
            PartitionLeaderEpoch = header.PartitionLeaderEpoch,
            DeleteHorizonMs = header.DeleteHorizonMs,
        });
        foreach (ref readonly Record record in records)
        {
            bool fits = builder.TryAppendAt(
                (int)(record.Offset - header.BaseOffset), record.TimestampMs, record.Key.Span, record.IsKeyNull,
                record.Value.Span, record.IsValueNull, record.Headers.ToArray());
            Assert.True(fits);
        }

        return builder.BuildCleaned(header.LastOffsetDelta, header.MaxTimestamp).ToArray();
    }
}

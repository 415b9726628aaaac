using System.Text;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>Short forms for producing, fetching and reading back.</summary>
internal static class Batches
{
    /// <summary>The timestamp of every record.</summary>
    public const long TimestampMs = 1_700_000_000_000;

    /// <summary>A batch of text values, in memory of its own.</summary>
    public static byte[] Of(params string[] values) => Of(CompressionCodec.None, values);

    public static byte[] Of(CompressionCodec codec, params string[] values)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec, CapacityBytes = 4 * 1024 * 1024 });
        foreach (var value in values)
            Assert.True(builder.TryAppend(TimestampMs, "key"u8, keyIsNull: false, Encoding.UTF8.GetBytes(value), valueIsNull: false));

        return builder.Build().ToArray();
    }

    /// <summary>A batch of one record with a value of that many bytes.</summary>
    public static byte[] OfSize(int valueBytes) => Of(new string('x', valueBytes));

    public static ValueTask<ProduceResult> ProduceAsync(
        this LocalBroker broker, TopicPartition partition, byte[] batch, Acks acks = Acks.All, int timeoutMs = 30_000, int leaderEpoch = -1) =>
        broker.ProduceAsync(new ProduceRequest { Partition = partition, Batch = batch, Acks = acks, TimeoutMs = timeoutMs, CurrentLeaderEpoch = leaderEpoch });

    public static async Task<long> StoredAsync(this LocalBroker broker, TopicPartition partition, params string[] values)
    {
        var result = await broker.ProduceAsync(partition, Of(values));
        Assert.True(result.Error == ErrorCode.None, $"{result.Error}: {result.Message}");
        return result.BaseOffset;
    }

    public static FetchRequest Fetch(TopicPartition partition, long offset, int maxWaitMs = 0, int minBytes = 1, int maxBytes = 1 << 20) => new()
    {
        Partitions = [new FetchPartition { Partition = partition, FetchOffset = offset, MaxBytes = maxBytes, CurrentLeaderEpoch = -1 }],
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
    };

    /// <summary>The values from an offset on, read until there is nothing more.</summary>
    public static async Task<List<string>> ReadAllAsync(this LocalBroker broker, TopicPartition partition, long offset = 0)
    {
        var values = new List<string>();
        while (true)
        {
            using var result = await broker.FetchAsync(Fetch(partition, offset));
            Assert.True(result.Partitions[0].Error == ErrorCode.None, $"{result.Partitions[0].Error}: {result.Partitions[0].Message}");
            if (result.Partitions[0].Records.IsEmpty)
                return values;

            offset = Decode(result.Partitions[0].Records, offset, values);
        }
    }

    /// <summary>The values of a fetch's answer.</summary>
    public static List<string> Values(this FetchResult result, int index = 0)
    {
        var values = new List<string>();
        Decode(result.Partitions[index].Records, 0, values);
        return values;
    }

    private static long Decode(ReadOnlyMemory<byte> records, long fromOffset, List<string> values)
    {
        var next = fromOffset;
        while (RecordBatches.TryTakeNext(ref records, out var batch, out _))
        {
            using var opened = BatchRecords.Open(batch, 100 * 1024 * 1024, out var error);
            Assert.Equal(ErrorCode.None, error);
            foreach (ref readonly var record in opened!)
            {
                if (record.Offset >= fromOffset)
                    values.Add(Encoding.UTF8.GetString(record.Value.Span));
            }

            next = opened.Header.NextOffset;
        }

        return next;
    }
}

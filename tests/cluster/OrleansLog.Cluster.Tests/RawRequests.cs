using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cluster.Tests;

/// <summary>Requests about partition 0 of a topic, for clients that speak the wire themselves.</summary>
internal static class RawRequests
{
    public const short ProduceVersion = 10;
    public const short FetchVersion = 12;

    /// <summary>Most bytes of an answer to a fetch.</summary>
    public const int FetchBytesMost = 1 << 20;

    public static ProduceRequestData Produce(string topic, byte[] batch, short acks) => new()
    {
        Acks = acks,
        TimeoutMs = 60_000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = 0, Records = batch }] }],
    };

    public static FetchRequestData Fetch(string topic, long offset, int maxWaitMs = 0, int minBytes = 1) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = FetchBytesMost,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = 0, FetchOffset = offset, PartitionMaxBytes = FetchBytesMost }] }],
    };

    /// <summary>As many records of a size as go into a batch of so many bytes.</summary>
    public static byte[] Batch(int bytes, int valueBytes)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = bytes });
        while (builder.TryAppend(0, default, keyIsNull: true, new byte[valueBytes], valueIsNull: false))
        {
        }

        return builder.Build().ToArray();
    }
}

using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>The requests that the tests send.</summary>
internal static class Requests
{
    public const short ProduceVersion = 7;
    public const short FetchVersion = 11;

    public static ProduceRequestData Produce(string topic, byte[] value, short acks = 1, int partition = 0)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 4 * 1024 * 1024 });
        Assert.True(builder.TryAppend(1_700_000_000_000, [], keyIsNull: true, value, valueIsNull: false));
        return new ProduceRequestData
        {
            Acks = acks,
            TimeoutMs = 30_000,
            TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = builder.Build().ToArray() }] }],
        };
    }

    public static FetchRequestData Fetch(string topic, long offset, int maxWaitMs = 0, int minBytes = 1, int maxBytes = 1024 * 1024) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = maxBytes,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = 0, FetchOffset = offset, PartitionMaxBytes = maxBytes }] }],
    };

    public static MetadataRequestData Metadata(params string[] topics) => new()
    {
        Topics = [.. topics.Select(name => new MetadataRequestData.MetadataRequestTopic { Name = name })],
    };
}

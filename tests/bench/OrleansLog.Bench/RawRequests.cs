using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>Requests of the bare sockets.</summary>
internal static class RawRequests
{
    public const short ProduceVersion = 10;
    public const short FetchVersion = 12;

    public static ProduceRequestData Produce(string topic, byte[] batch) => new()
    {
        Acks = 1,
        TimeoutMs = 30_000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = 0, Records = batch }] }],
    };

    public static FetchRequestData Fetch(string topic, int maxBytes, long offset = 0) => new()
    {
        MaxWaitMs = 500,
        MinBytes = 1,
        MaxBytes = 16 << 20,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = 0, FetchOffset = offset, PartitionMaxBytes = maxBytes }] }],
    };
}

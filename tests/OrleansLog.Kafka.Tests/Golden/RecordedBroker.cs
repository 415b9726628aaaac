using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>Brings our broker to the state that the recorded one was in: topics that were there, records that are not in the recording.</summary>
internal sealed class RecordedBroker(KafkaBroker broker)
{
    /// <summary>Older than all recorded records, so that no search by time finds a record that only fills up.</summary>
    private const long FillerTimestampMs = 1_600_000_000_000;

    /// <summary>As the recorded broker was set up.</summary>
    public static readonly (string Key, string Value)[] Settings =
    [
        ("num.partitions", "1"),
        ("offsets.topic.num.partitions", "4"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("log.index.size.max.bytes", "4096"),
        ("log.retention.ms", "-1"),
        ("log.message.timestamp.before.max.ms", "9223372036854775807"),
        ("orleanslog.flush.policy", "os"),
    ];

    /// <summary>Creates the topics that the conversation finds and never makes; what the brokers keep for themselves they make.</summary>
    public async Task CreateTopicsAsync(IReadOnlyList<RecordedExchange> conversation)
    {
        await broker.Admin.AlterConfigsAsync(
            [new ConfigAlteration(new ConfigResource(ConfigResourceType.Broker, ""), [new ConfigChange("min.insync.replicas", ConfigOperation.Set, "1")])],
            validateOnly: false, default);
        var madeLater = new HashSet<string>(StringComparer.Ordinal);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var exchange in conversation.Where(exchange => exchange.Key is ApiKey.Metadata or ApiKey.CreateTopics))
        {
            if (exchange.ReadResponse() is CreateTopicsResponseData created)
                madeLater.UnionWith(created.Topics.Where(topic => topic.ErrorCode == ErrorCode.None).Select(topic => topic.Name));
            else if (exchange.ReadResponse() is MetadataResponseData metadata)
                Note(metadata, found, madeLater);
        }

        var topics = found.Where(topic => !topic.Key.StartsWith("__", StringComparison.Ordinal))
            .Select(topic => new NewTopic { Name = topic.Key, Partitions = topic.Value, ReplicationFactor = 1 }).ToArray();
        var results = await broker.Admin.CreateTopicsAsync(topics, validateOnly: false, default);
        Assert.All(results.Results, result => Assert.True(result.Error == ErrorCode.None, result.Message));
    }

    /// <summary>Writes what the recording left out, up to where the recorded answer says that a partition ends.</summary>
    public async Task CatchUpAsync(RecordedExchange exchange, Func<Guid, string?> nameOf)
    {
        if (exchange.ReadResponse() is ProduceResponseData produced)
        {
            foreach (var topic in produced.Responses)
            {
                foreach (var partition in topic.PartitionResponses.Where(partition => partition.ErrorCode == ErrorCode.None))
                    await FillAsync(topic.Name is "" ? nameOf(topic.TopicId.ToGuid()) : topic.Name, partition.Index, partition.BaseOffset);
            }
        }
        else if (exchange.ReadResponse() is FetchResponseData fetched)
        {
            foreach (var topic in fetched.Responses)
            {
                foreach (var partition in topic.Partitions.Where(partition => partition.ErrorCode == ErrorCode.None))
                    await FillAsync(topic.Topic is "" ? nameOf(topic.TopicId.ToGuid()) : topic.Topic, partition.PartitionIndex, partition.HighWatermark);
            }
        }
        else if (exchange.ReadResponse() is ListOffsetsResponseData offsets && exchange.ReadRequest() is ListOffsetsRequestData asked)
        {
            foreach (var topic in offsets.Topics)
            {
                foreach (var partition in topic.Partitions.Where(partition => Asks(asked, topic.Name, partition.PartitionIndex, OffsetSpec.Latest)))
                    await FillAsync(topic.Name, partition.PartitionIndex, partition.Offset);
            }
        }
    }

    private static bool Asks(ListOffsetsRequestData request, string topic, int partition, long timestamp) =>
        request.Topics.Exists(one => one.Name == topic && one.Partitions.Exists(asked => asked.PartitionIndex == partition && asked.Timestamp == timestamp));

    private static void Note(MetadataResponseData metadata, Dictionary<string, int> found, HashSet<string> madeLater)
    {
        foreach (var topic in metadata.Topics.Where(topic => topic.Name is not null && !madeLater.Contains(topic.Name)))
        {
            // Asked for before it was there: the conversation itself makes it.
            if (topic.ErrorCode != ErrorCode.None)
                madeLater.Add(topic.Name!);
            else
                found.TryAdd(topic.Name!, topic.Partitions.Count);
        }
    }

    private async Task FillAsync(string? topic, int partition, long end)
    {
        if (topic is null)
            return;

        var name = new TopicPartition(topic, partition);
        var now = (await broker.Transport.ListOffsetsAsync([new ListOffsetsQuery(name, OffsetSpec.Latest)], IsolationLevel.ReadUncommitted, default))[0];
        if (now.Error != ErrorCode.None || now.Offset >= end)
            return;

        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 1 << 20 });
        for (var offset = now.Offset; offset < end; offset++)
            Assert.True(builder.TryAppend(FillerTimestampMs, default, keyIsNull: true, "filler"u8, valueIsNull: false));

        var stored = await broker.Transport.ProduceAsync(new ProduceRequest { Partition = name, Batch = builder.Build().ToArray(), Acks = Acks.All }, default);
        Assert.Equal((ErrorCode.None, now.Offset), (stored.Error, stored.BaseOffset));
    }
}

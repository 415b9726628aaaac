using Microsoft.Extensions.Logging;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Whoever reads the log finds what was changed, and by whom.</summary>
public class AdminLineTests
{
    private const sbyte Topic = 2;
    private const sbyte Broker = 4;

    [Fact]
    public async Task Every_change_that_a_client_asks_for_is_told_with_the_client()
    {
        using var log = new LogLines(LogLevel.Information);
        await using var broker = await KafkaBroker.StartAsync(log);
        using var client = await broker.ConnectAsync();

        await client.SendAsync<CreateTopicsResponseData>(
            new CreateTopicsRequestData
            {
                TimeoutMs = 60_000,
                Topics = [new() { Name = "orders", NumPartitions = 2, ReplicationFactor = 1 }, new() { Name = "no/name", NumPartitions = 1, ReplicationFactor = 1 }],
            },
            7);
        await log.SaysAsync("Topics created: orders (partitions 2, replication 1); by client 'test' at 127.0.0.1:");
        await client.SendAsync<CreatePartitionsResponseData>(new CreatePartitionsRequestData { TimeoutMs = 60_000, Topics = [new() { Name = "orders", Count = 3, Assignments = null }] }, 3);
        await log.SaysAsync("Partitions added: orders (now 3); by client 'test'");
        await ChangeAsync(client, Topic, "orders", ("retention.ms", "1000"), ("cleanup.policy", "compact"));
        await log.SaysAsync("Configuration changed: topic orders: cleanup.policy from its default to compact, topic orders: retention.ms from its default to 1000; by");
        await ChangeAsync(client, Topic, "orders", ("retention.ms", "2000"));
        await log.SaysAsync("Configuration changed: topic orders: retention.ms from 1000 to 2000; by");
        await ChangeAsync(client, Broker, "", ("log.retention.ms", "2000"));
        await log.SaysAsync("Configuration changed: all brokers: log.retention.ms from its default to 2000; by");
        await client.SendAsync<DeleteTopicsResponseData>(new DeleteTopicsRequestData { TimeoutMs = 60_000, TopicNames = ["orders", "nope"] }, 5);
        await log.SaysAsync("Topics deleted: orders; by client 'test'");
        await client.SendAsync<MetadataResponseData>(new MetadataRequestData { AllowAutoTopicCreation = true, Topics = [new() { Name = "wanted" }] }, 9);
        await log.SaysAsync("(auto.create.topics.enable): wanted (partitions 3, replication 1); by client 'test'");
    }

    [Fact]
    public async Task What_changes_nothing_is_not_told_and_of_many_only_some_are_named()
    {
        using var log = new LogLines(LogLevel.Information);
        await using var broker = await KafkaBroker.StartAsync(log);
        using var client = await broker.ConnectAsync();
        var many = new CreateTopicsRequestData
        {
            TimeoutMs = 60_000,
            ValidateOnly = true,
            Topics = [.. Enumerable.Range(10, 25).Select(static number => new CreateTopicsRequestData.CreatableTopic { Name = $"t{number}", NumPartitions = 1, ReplicationFactor = 1 })],
        };

        await client.SendAsync<CreateTopicsResponseData>(many, 7);
        await client.SendAsync<DeleteTopicsResponseData>(new DeleteTopicsRequestData { TimeoutMs = 60_000, TopicNames = ["nope"] }, 5);
        many.ValidateOnly = false;
        await client.SendAsync<CreateTopicsResponseData>(many, 7);
        await log.SaysAsync("t29 (partitions 1, replication 1) and 5 more; by");

        Assert.Single(log.All, static line => line.Contains("Topics ", StringComparison.Ordinal));
    }

    private static async Task ChangeAsync(KafkaClient client, sbyte type, string name, params (string Key, string Value)[] values)
    {
        var request = new IncrementalAlterConfigsRequestData
        {
            Resources = [new() { ResourceType = type, ResourceName = name, Configs = [.. values.Select(value => new IncrementalAlterConfigsRequestData.AlterableConfig { Name = value.Key, Value = value.Value })] }],
        };
        Assert.Equal(ErrorCode.None, (await client.SendAsync<IncrementalAlterConfigsResponseData>(request, 1)).Responses[0].ErrorCode);
    }
}

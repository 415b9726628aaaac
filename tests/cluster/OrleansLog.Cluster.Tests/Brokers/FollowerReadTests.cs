using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.Groups;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

using TopicPartitionOffset = Confluent.Kafka.TopicPartitionOffset;

/// <summary>KIP-392 as librdkafka does it: a consumer reads from the replica in its rack, and from the leader when that is gone.</summary>
public sealed class FollowerReadTests
{
    private const string Topic = "nearby";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [PostgresFact]
    public async Task A_consumer_reads_from_the_replica_of_its_rack_and_elsewhere_when_that_is_gone()
    {
        await using var cluster = await ThreeBrokers.StartAsync(static launch => launch with
        {
            Settings = new Dictionary<string, string>(launch.Settings)
            {
                ["broker.rack"] = RackOf(launch.NodeId),
                ["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
            },
        });
        await using var client = await cluster.ConnectAsync();
        await client.Admin.CreateTopicAsync(Topic, partitions: 1, replicationFactor: 3);
        var leader = (await client.Admin.DescribeTopicAsync(Topic)).Partitions[0].LeaderId;
        var nearby = ThreeBrokers.Ids.First(id => id != leader);
        await client.SendAsync(new OrleansLog.TopicPartition(Topic, 0), "first");

        var readFrom = -1;
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
        {
            BootstrapServers = cluster.BootstrapServers,
            GroupId = "nearby",
            ClientRack = RackOf(nearby),
            StatisticsIntervalMs = 50,
            EnableAutoCommit = false,
        }).SetStatisticsHandler((_, statistics) => Volatile.Write(ref readFrom, BrokerOf(statistics))).Build();
        consumer.Assign(new TopicPartitionOffset(Topic, 0, Offset.Beginning));
        try
        {
            Assert.Equal("first", await NextAsync(consumer));
            var number = 0;
            while (Volatile.Read(ref readFrom) != nearby)
                await NextOfAsync(client, consumer, number++);

            // The next one comes from there, and once that broker is gone, from another.
            await NextOfAsync(client, consumer, number++);
            await cluster.KillAsync(nearby);
            await NextOfAsync(client, consumer, number++);
            Assert.NotEqual(nearby, (await client.Admin.DescribeTopicAsync(Topic)).Partitions[0].LeaderId);
        }
        finally
        {
            await Librdkafka.DestroyAsync(consumer);
        }
    }

    private static string RackOf(int broker) => string.Create(CultureInfo.InvariantCulture, $"rack-{broker}");

    private static async Task NextOfAsync(ILogClient client, IConsumer<Ignore, string> consumer, int number)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"record-{number}");
        await client.SendAsync(new OrleansLog.TopicPartition(Topic, 0), value);
        Assert.Equal(value, await NextAsync(consumer));
    }

    private static Task<string> NextAsync(IConsumer<Ignore, string> consumer) => OwnThread.RunAsync(() =>
    {
        var read = consumer.Consume(Patience);
        Assert.NotNull(read);
        return read.Message.Value;
    });

    /// <summary>The broker that librdkafka fetches the partition from; -1 for none yet.</summary>
    private static int BrokerOf(string statistics)
    {
        using var document = JsonDocument.Parse(statistics);
        return document.RootElement.GetProperty("topics").TryGetProperty(Topic, out var topic)
            && topic.GetProperty("partitions").TryGetProperty("0", out var partition) ? partition.GetProperty("broker").GetInt32() : -1;
    }
}

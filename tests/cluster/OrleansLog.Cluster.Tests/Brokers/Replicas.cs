using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>What the tests of three brokers wait for, and hold against each other at the end.</summary>
internal static class Replicas
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A topic on all three brokers, two of which have to have a record before it is acknowledged.</summary>
    public static Task<TopicResult> CreateReplicatedAsync(this ILogClient client, string topic, int partitions) =>
        client.Admin.CreateTopicAsync(topic, partitions, replicationFactor: 3, new Dictionary<string, string>
        {
            ["min.insync.replicas"] = "2",
            ["segment.bytes"] = "1048576",
        });

    /// <summary>Sends no more and waits for what is under way: every record has an answer.</summary>
    public static async Task<IReadOnlyList<SentRecord>> FinishAsync(this Load load)
    {
        var history = await load.StopAsync(Patience);
        Assert.DoesNotContain(history, record => record.Outcome == Outcome.Unknown);
        return history;
    }

    /// <summary>The same of two producers that send at once.</summary>
    public static async Task<IReadOnlyList<SentRecord>> FinishAsync(Load first, Load second)
    {
        var histories = await Task.WhenAll(first.FinishAsync(), second.FinishAsync());
        return [.. histories[0], .. histories[1].Select(static record => record with { Producer = 1 })];
    }

    /// <summary>
    /// All is as if nothing had happened: every replica is in sync with the same bytes as the others, the first one of each partition leads it, and
    /// what is read from these is what was acknowledged.
    /// </summary>
    public static async Task AssertWholeAsync(this ThreeBrokers cluster, ILogClient client, string topic, IReadOnlyList<SentRecord> history)
    {
        await client.InSyncAsync(topic);
        await client.SameEndsAsync(topic);
        await cluster.ElectPreferredAsync(client, topic);
        var read = await client.ReadAsync(topic);
        Assert.Empty(HistoryChecker.Check(history, read));
        foreach (var partition in read.GroupBy(record => record.Partition))
        {
            var middle = partition.ElementAt(partition.Count() / 2);
            Assert.Equal(middle, (await client.ReadAsync(new(topic, partition.Key), StartAt.Offset(middle.Offset)))[0]);
        }

        cluster.AssertSameBytes(topic, read.Select(record => record.Partition).Distinct());
    }

    /// <summary>Completes when all replicas of all partitions are in sync.</summary>
    public static Task InSyncAsync(this ILogClient client, string topic) =>
        client.UntilAsync(topic, partition => partition.Isr.Length == ThreeBrokers.Ids.Count);

    /// <summary>Completes when all partitions of a topic are as wanted.</summary>
    public static async Task UntilAsync(this ILogClient client, string topic, Func<PartitionDescription, bool> isReached)
    {
        PartitionDescription[] partitions = [];
        Assert.True(
            await IsReachedAsync(async () => (partitions = (await client.Admin.DescribeTopicAsync(topic)).Partitions).All(isReached)),
            string.Join("; ", partitions.Select(partition => $"{topic}-{partition.Partition}: leader {partition.LeaderId}, ISR {string.Join(',', partition.Isr)}")));
    }

    /// <summary>Completes when no replica lacks anything, by what the brokers say of their own logs; nobody writes meanwhile.</summary>
    public static async Task SameEndsAsync(this ILogClient client, string topic)
    {
        IReadOnlyList<ReplicaDescription> replicas = [];
        Assert.True(
            await IsReachedAsync(async () =>
            {
                replicas = await client.ReplicasAsync(topic);
                return replicas.GroupBy(replica => replica.Partition).All(partition => partition.Count() == ThreeBrokers.Ids.Count
                    && partition.Select(replica => replica.LogEndOffset).Distinct().Count() == 1);
            }),
            string.Join("; ", replicas.Select(replica => $"{replica.Partition} ends at {replica.LogEndOffset}")));
    }

    /// <summary>Every replica of a topic on a cluster to which nobody writes holds the same bytes.</summary>
    public static void AssertSameBytes(this ThreeBrokers cluster, string topic, IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
        {
            var logs = ThreeBrokers.Ids.Select(id => cluster.BytesOf(id, topic, partition)).ToArray();
            Assert.NotEmpty(logs[0]);
            Assert.All(logs, log => Assert.True(log.AsSpan().SequenceEqual(logs[0]), $"{topic}-{partition}: {string.Join(", ", logs.Select(one => one.Length))} bytes"));
        }
    }

    /// <summary>Has the first of its replicas lead each partition.</summary>
    public static async Task ElectPreferredAsync(this ThreeBrokers cluster, ILogClient client, string topic)
    {
        using var kafka = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster.BootstrapServers }).Build();
        var led = (await client.Admin.DescribeTopicAsync(topic)).Partitions.Where(partition => partition.LeaderId != partition.Replicas[0]);
        var elected = led.Select(partition => new Confluent.Kafka.TopicPartition(topic, partition.Partition)).ToArray();
        if (elected.Length > 0)
            await kafka.ElectLeadersAsync(Confluent.Kafka.ElectionType.Preferred, elected);

        await client.UntilAsync(topic, partition => partition.LeaderId == partition.Replicas[0]);
    }

    /// <summary>Between two controllers a request is refused, and asked for again; what then is there was made by one whose answer was lost.</summary>
    public static async Task EventuallyAsync(Func<Task> act)
    {
        LogException? last = null;
        Assert.True(
            await IsReachedAsync(async () =>
            {
                try
                {
                    await act();
                    return true;
                }
                catch (LogException error) when (error.Code != ErrorCode.UnknownServerError)
                {
                    last = error;
                    return error.Code == ErrorCode.TopicAlreadyExists;
                }
            }),
            last?.ToString());
    }

    private static async Task<IReadOnlyList<ReplicaDescription>> ReplicasAsync(this ILogClient client, string topic)
    {
        var directories = await Task.WhenAll(ThreeBrokers.Ids.Select(id => client.Admin.DescribeLogDirsAsync(id)));
        return [.. directories.SelectMany(broker => broker).SelectMany(directory => directory.Replicas).Where(replica => replica.Partition.Topic == topic)];
    }

    /// <summary>Whether something comes true before it is clear that it never does.</summary>
    public static async Task<bool> IsReachedAsync(Func<Task<bool>> look)
    {
        var began = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await look())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                return false;

            await pause.WaitForNextTickAsync();
        }

        return true;
    }
}

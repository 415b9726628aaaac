using Confluent.Kafka;
using OrleansLog.Cluster.Member;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>Everything that a topic holds, read by librdkafka without a group.</summary>
internal static class TopicReader
{
    /// <summary>Reads on a thread of its own: librdkafka's consumer blocks.</summary>
    public static Task<IReadOnlyList<ReadRecord>> ReadAsync(string bootstrapServers, string topic, int partitions) =>
        OwnThread.RunAsync(() => Read(bootstrapServers, topic, partitions));

    private static IReadOnlyList<ReadRecord> Read(string bootstrapServers, string topic, int partitions)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "reader", EnableAutoCommit = false, EnablePartitionEof = true };
        using var consumer = new ConsumerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var read = new List<ReadRecord>();
        for (var ends = 0; ends < partitions;)
        {
            var polled = consumer.Consume(TimeSpan.FromMinutes(2)) ?? throw new TimeoutException($"{topic} cannot be read to its end.");
            if (polled.IsPartitionEOF)
            {
                ends++;
            }
            else
            {
                read.Add(new ReadRecord(polled.Partition, polled.Offset, Payload.IdOf(polled.Message.Value)));
            }
        }

        return [.. read.OrderBy(record => record.Partition)];
    }
}

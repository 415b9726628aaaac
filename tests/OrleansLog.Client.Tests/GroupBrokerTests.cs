namespace OrleansLog.Client.Tests;

/// <summary>Groups of the SDK against a real broker's coordinators, over all three transports.</summary>
[Collection(SiloCollection.Name)]
public sealed class GroupBrokerTests(SiloFixture silo)
{
    private static readonly TimeSpan Patience = Eventually.Hang;

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task A_member_goes_on_where_the_last_one_committed(Form form)
    {
        var log = silo.Client(form);
        var (topic, group) = ($"t-{Guid.NewGuid():N}", $"g-{Guid.NewGuid():N}");
        await log.Admin.CreateTopicAsync(topic, 3);
        await using var producer = log.CreateProducer<string, int>(new ProducerOptions { LingerMs = 0 });
        for (var i = 0; i < 30; i++)
            await producer.ProduceAsync(topic, $"{i}", i);
        var first = await ReadAsync(log, topic, group, 20);
        var second = await ReadAsync(log, topic, group, 10);
        Assert.Equal(Enumerable.Range(0, 30), first.Concat(second).Order());
    }

    private static async Task<List<int>> ReadAsync(ILogClient log, string topic, string group, int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        await using var consumer = log.CreateConsumer<string, int>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        var read = new List<int>();
        await foreach (var record in consumer.SubscribeAsync(Subscription.To(topic), new GroupOptions { GroupId = group, AutoCommit = false }, limit.Token))
        {
            read.Add(record.Value);
            if (read.Count == count)
            {
                await consumer.CommitAsync([.. consumer.Assignment.Select(partition => new TopicPartitionOffset(partition, consumer.Position(partition)!.Value))], limit.Token);
                break;
            }
        }

        return read;
    }
}

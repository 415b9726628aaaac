namespace OrleansLog.Client.Tests;

/// <summary>What a consumer asks the brokers for beside its reader.</summary>
public sealed class ConsumerFetchTests : ClientTest
{
    [Fact]
    public async Task A_partition_is_asked_for_once_while_metadata_of_its_topic_is_asked_for()
    {
        var missing = new TopicPartition("t", 1);
        await using (var producer = Log.CreateProducer<Unit, string>())
            await PassTimeUntil(producer.ProduceAsync(new ProducerRecord<Unit, string>("t", default, "a")).AsTask()); // The client knows the topic from here on.

        await using var consumer = Log.CreateConsumer<Unit, string>(new ConsumerOptions { FetchMaxWaitMs = 60_000, UnknownTopicRetryMs = 60_000 });
        consumer.Assign([T0, missing], StartAt.Offset(1));
        var asked = Cluster.MetadataRequests;
        await PassTimeUntil(() => Cluster.MetadataRequests >= asked + 3);
        Assert.Equal(1, Cluster.FetchRequests);

        foreach (var value in (string[])["b", "c", "d"])
        {
            Cluster.Append(T0, value);
            Assert.Equal(value, (await PassTimeUntil(ReadOne(consumer))).Value);
        }
    }
}

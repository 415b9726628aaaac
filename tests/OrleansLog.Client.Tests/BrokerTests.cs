using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>The SDK against a real broker, in its process, over Orleans and over the Kafka socket.</summary>
[Collection(SiloCollection.Name)]
public sealed class BrokerTests(SiloFixture silo)
{
    private static readonly TimeSpan Patience = Eventually.Hang;

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task Records_come_back_as_they_were_written(Form form)
    {
        var log = silo.Client(form);
        var topic = await CreateAsync(log, partitions: 3);
        await using var producer = log.CreateProducer<string, string?>(new ProducerOptions { Compression = CompressionCodec.Lz4 });
        RecordHeader[] headers = [new("n", new byte[] { 1, 2 }), new("null")];
        var written = new List<Task<DeliveryResult>>();
        for (var i = 0; i < 3_000; i++)
        {
            var record = new ProducerRecord<string, string?>(topic, $"key-{i % 100}", i % 50 == 0 ? null : $"value-{i}") { Headers = headers };
            written.Add(producer.ProduceAsync(record).AsTask());
        }

        var deliveries = await Task.WhenAll(written).WaitAsync(Patience);
        await using var consumer = log.CreateConsumer<string, string?>();
        await consumer.AssignTopicAsync(topic, StartAt.Beginning);
        var read = new Dictionary<(int, long), (string, string?)>();
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var record in consumer.ReadToEndAsync(limit.Token))
        {
            Assert.Equal(["n", "null"], record.Headers.ToArray().Select(static header => header.Key));
            read.Add((record.Partition, record.Offset), (record.Key, record.Value));
        }

        Assert.Equal(3_000, read.Count);
        for (var i = 0; i < deliveries.Length; i++)
            Assert.Equal(($"key-{i % 100}", i % 50 == 0 ? null : $"value-{i}"), read[(deliveries[i].Partition, deliveries[i].Offset)]);
    }

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task A_waiting_reader_gets_what_is_written_while_it_waits(Form form)
    {
        var log = silo.Client(form);
        var topic = await CreateAsync(log);
        await using var producer = log.CreateProducer<Unit, int>(new ProducerOptions { LingerMs = 0, Acks = Acks.Leader });
        await using var consumer = log.CreateConsumer<Unit, int>();
        await consumer.AssignTopicAsync(topic, StartAt.Beginning);
        using var limit = new CancellationTokenSource(Patience);
        await using var reading = consumer.ReadAllAsync(limit.Token).GetAsyncEnumerator();
        for (var i = 0; i < 50; i++)
        {
            var next = reading.MoveNextAsync().AsTask();
            await producer.ProduceAsync(topic, default, i);
            Assert.True(await next);
            Assert.Equal((i, (long)i), (reading.Current.Value, reading.Current.Offset));
        }
    }

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task Starts_seeks_deletions_and_administration_work_end_to_end(Form form)
    {
        var log = silo.Client(form);
        var topic = await CreateAsync(log);
        TopicPartition partition = new(topic, 0);
        await using var producer = log.CreateProducer<Unit, string>(new ProducerOptions { LingerMs = 0 });
        var base0 = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeMilliseconds();
        for (var i = 0; i < 20; i++)
            await producer.ProduceAsync(new ProducerRecord<Unit, string>(topic, default, $"{i}") { TimestampMs = base0 + (i * 1_000) });

        await using var consumer = log.CreateConsumer<Unit, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        Assert.Equal("0", await First(StartAt.Beginning));
        Assert.Equal("7", await First(StartAt.TimestampMs(base0 + 6_500)));
        Assert.Equal("15", await First(StartAt.BeforeEnd(5)));
        Assert.Equal("12", await First(StartAt.Offset(12)));
        Assert.Null(await First(StartAt.End));
        Assert.Equal(7, await consumer.OffsetForTimeAsync(partition, DateTimeOffset.FromUnixTimeMilliseconds(base0 + 6_500)));

        var deleted = await log.Admin.DeleteRecordsAsync([new DeleteRecordsQuery(partition, 5)]);
        Assert.Equal(new DeleteRecordsResult(ErrorCode.None, 5), deleted[0]);
        Assert.Equal(new Watermarks(5, 20), await consumer.GetWatermarksAsync(partition));
        Assert.Equal("5", await First(StartAt.Offset(2)));

        await log.Admin.AlterTopicConfigAsync(topic, new Dictionary<string, string?> { ["max.message.bytes"] = "2000" });
        var config = (await log.Admin.DescribeTopicConfigAsync(topic)).Single(static value => value.Name == "max.message.bytes");
        Assert.Equal(("2000", ConfigSource.DynamicTopicConfig), (config.Value, config.Source));
        await log.Admin.GrowTopicAsync(topic, 4);
        Assert.Equal(4, (await log.Admin.DescribeTopicAsync(topic)).Partitions.Length);
        var broker = Assert.Single((await log.Admin.DescribeClusterAsync(includeFencedBrokers: true)).Brokers);
        Assert.False(broker.IsFenced);
        Assert.Contains(await log.Admin.DescribeLogDirsAsync((await log.Admin.DescribeClusterAsync()).Brokers[0].Id), dir => dir.Replicas.Any(replica => replica.Partition == partition));
        await log.Admin.DeleteTopicAsync(topic);
        await Assert.ThrowsAsync<UnknownTopicException>(() => log.Admin.DescribeTopicAsync(topic));

        async Task<string?> First(StartAt start)
        {
            consumer.Assign(partition, start);
            using var limit = new CancellationTokenSource(Patience);
            await foreach (var record in consumer.ReadToEndAsync(limit.Token))
                return record.Value;
            return null;
        }
    }

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task A_topic_that_takes_small_batches_gets_small_batches(Form form)
    {
        var log = silo.Client(form);
        var topic = await CreateAsync(log, configs: new Dictionary<string, string> { ["max.message.bytes"] = "3000" });
        await using var producer = log.CreateProducer<Unit, byte[]>();
        var deliveries = Enumerable.Range(0, 500).Select(i => producer.ProduceAsync(topic, default, new byte[100]).AsTask()).ToArray();
        await Task.WhenAll(deliveries).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 500).Select(static i => (long)i), deliveries.Select(static delivery => delivery.Result.Offset));
        await Assert.ThrowsAsync<RecordTooLargeException>(() => producer.ProduceAsync(topic, default, new byte[5_000]).AsTask());
    }

    [Theory]
    [InlineData(Form.Direct)]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task A_record_that_its_topic_does_not_take_is_named(Form form)
    {
        var log = silo.Client(form);
        var topic = await CreateAsync(log, configs: new Dictionary<string, string> { ["cleanup.policy"] = "compact" });
        await using var producer = log.CreateProducer<string?, string>(new ProducerOptions { LingerMs = 900_000, DeliveryTimeoutMs = 900_000 });
        var good = producer.ProduceAsync(topic, "k", "x").AsTask();
        var bad = producer.ProduceAsync(topic, null, "y").AsTask();
        await producer.FlushAsync().WaitAsync(Patience);
        Assert.Equal(ErrorCode.InvalidRecord, (await Assert.ThrowsAsync<RecordRefusedException>(() => bad)).Code);
        await Assert.ThrowsAsync<BatchRefusedException>(() => good);
    }

    [Theory]
    [InlineData(Form.Orleans)]
    [InlineData(Form.Kafka)]
    public async Task A_topic_comes_into_being_by_being_written_to(Form form)
    {
        await using var producer = silo.Client(form).CreateProducer<Unit, string>();
        var topic = $"auto-{Guid.NewGuid():N}";
        Assert.Equal(0, (await producer.ProduceAsync(topic, default, "x").AsTask().WaitAsync(Patience)).Offset);
    }

    private static async Task<string> CreateAsync(ILogClient log, int partitions = 1, IReadOnlyDictionary<string, string>? configs = null)
    {
        var topic = $"t-{Guid.NewGuid():N}";
        await log.Admin.CreateTopicAsync(topic, partitions, configs: configs);
        return topic;
    }
}

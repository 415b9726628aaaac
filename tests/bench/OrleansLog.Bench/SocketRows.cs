using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>The SDK over the Kafka socket against the field's usual .NET client, both against the same broker in another process.</summary>
internal sealed class SocketRows(string address, int pairs)
{
    private const int Partitions = 4;
    private const int BatchBytes = 1_000_000;
    private const int LingerMs = 5;
    private const long BytesPerRun = 200L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private int _topics;

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        await using var client = await LogClient.ConnectAsync(address);
        foreach (var bytes in (int[])[100, 1024])
        {
            // Little enough that the pages of the segments are used again, much enough for a second.
            var records = (int)Math.Min(2_000_000, BytesPerRun / bytes);
            var produced = await Paired.RunAsync(
                pairs,
                () => WithTopicAsync(client, topic => TimeAsync(records, () => ProduceAsync(client, topic, records, bytes))),
                () => WithTopicAsync(client, topic => Task.FromResult(Time(records, () => ConfluentProduce(topic, records, bytes)))));
            yield return Row($"SDK over the socket, produce {bytes}-byte records, acks=1, every delivery handled", produced);
            var consumed = await WithTopicAsync(client, async topic =>
            {
                await ProduceAsync(client, topic, records, bytes);
                return await Paired.RunAsync(
                    pairs,
                    () => TimeAsync(records, () => ConsumeAsync(client, topic, records)),
                    () => Task.FromResult(Time(records, () => ConfluentConsume(topic, records))));
            });
            yield return Row($"SDK over the socket, consume {bytes}-byte records", consumed);
        }

        yield return await AllocatedAsync(client);
    }

    private static BenchRow Row(string what, (double Ours, double Reference, double Ratio) figures) =>
        new(what, "records/s", figures.Ours, figures.Reference, figures.Ratio, "1.0", "Confluent.Kafka against the same broker");

    // What the SDK's own process allocates for each MiB that goes out and comes back.
    private async Task<BenchRow> AllocatedAsync(ILogClient client)
    {
        const int Records = 200_000;
        const int RecordBytes = 1024;
        const double MiB = Records * (double)RecordBytes / (1 << 20);
        var perMiB = await WithTopicAsync(client, async topic =>
        {
            await ProduceAsync(client, topic, Records, RecordBytes);
            await ConsumeAsync(client, topic, Records);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await ProduceAsync(client, topic, Records, RecordBytes);
            var produced = GC.GetTotalAllocatedBytes(precise: true);
            await ConsumeAsync(client, topic, Records);
            var consumed = GC.GetTotalAllocatedBytes(precise: true);
            Console.Error.WriteLine($"    produce {(produced - before) / MiB:N0}, consume {(consumed - produced) / MiB:N0} bytes for each MiB");
            return (consumed - before) / MiB;
        });
        return new BenchRow("allocated by the SDK per MiB produced and consumed over the socket", "bytes", perMiB, double.NaN, double.NaN, "reported", "-");
    }

    private async Task<T> WithTopicAsync<T>(ILogClient client, Func<string, Task<T>> run)
    {
        var topic = string.Create(CultureInfo.InvariantCulture, $"socket-{_topics++}");
        await client.Admin.CreateTopicAsync(topic, Partitions, 1, new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = "os",
            ["file.delete.delay.ms"] = "0",
        });
        try
        {
            return await run(topic);
        }
        finally
        {
            await client.Admin.DeleteTopicAsync(topic);
        }
    }

    private static double Time(int records, Func<Stopwatch> run) => records / run().Elapsed.TotalSeconds;

    private static async Task<double> TimeAsync(int records, Func<Task<Stopwatch>> run) => records / (await run()).Elapsed.TotalSeconds;

    private static byte[] Value(int bytes)
    {
        var value = new byte[bytes];
        new Random(1).NextBytes(value);
        return value;
    }

    private static async Task<Stopwatch> ProduceAsync(ILogClient client, string topic, int records, int bytes)
    {
        await using var producer = client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = Acks.Leader, LingerMs = LingerMs, BatchBytes = BatchBytes });
        var value = Value(bytes);
        await producer.ProduceAsync(topic, default, value);
        var (handled, failed) = (0, 0);
        DeliveryHandler handle = (in DeliveryReport report) =>
        {
            if (!report.IsStored) Interlocked.Increment(ref failed);
            Interlocked.Increment(ref handled);
        };
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            var accepted = producer.Produce(topic, default, value, handle);
            if (!accepted.IsCompletedSuccessfully) await accepted;
        }

        await producer.FlushAsync();
        clock.Stop();
        return failed == 0 && handled == records ? clock : throw new InvalidOperationException($"{handled} handled, {failed} failed of {records}");
    }

    private static async Task<Stopwatch> ConsumeAsync(ILogClient client, string topic, int records)
    {
        await using var consumer = client.CreateConsumer<Unit, ReadOnlyMemory<byte>?>(valueDeserializer: OrleansLog.Client.Serializers.BorrowedMemory);
        using var limit = new CancellationTokenSource(Patience);
        await consumer.AssignTopicAsync(topic, StartAt.Beginning, limit.Token);
        Stopwatch? clock = null;
        var (read, bytes) = (0, 0L);
        await foreach (var record in consumer.ReadAllAsync(limit.Token))
        {
            clock ??= Stopwatch.StartNew(); // From the first record on, for both: connecting is measured elsewhere.
            bytes += record.Value.GetValueOrDefault().Length;
            if (++read == records)
                break;
        }

        clock!.Stop();
        return bytes > 0 ? clock : throw new InvalidOperationException("nothing came");
    }

    private Stopwatch ConfluentProduce(string topic, int records, int bytes)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = address,
            Acks = Confluent.Kafka.Acks.Leader,
            LingerMs = LingerMs,
            BatchSize = BatchBytes,
            BatchNumMessages = 100_000,
            QueueBufferingMaxMessages = 1_000_000,
            QueueBufferingMaxKbytes = 256 * 1024,
            DeliveryReportFields = "status",
        }).SetLogHandler(static (_, _) => { }).Build();
        var value = Value(bytes);
        var (handled, failed) = (0, 0);
        void Handle(DeliveryReport<Null, byte[]> report)
        {
            if (report.Error.IsError) Interlocked.Increment(ref failed);
            Interlocked.Increment(ref handled);
        }

        producer.Produce(topic, new Message<Null, byte[]> { Value = value }, Handle);
        producer.Flush(Patience);
        handled = 0;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topic, new Message<Null, byte[]> { Value = value }, Handle);
                    break;
                }
                catch (ProduceException<Null, byte[]> full) when (full.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(5));
                }
            }
        }

        producer.Flush(Patience);
        clock.Stop();
        return failed == 0 && handled == records ? clock : throw new InvalidOperationException($"{handled} handled, {failed} failed of {records}");
    }

    private Stopwatch ConfluentConsume(string topic, int records)
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = address,
            GroupId = "none",
            EnableAutoCommit = false,
            QueuedMaxMessagesKbytes = 64 * 1024,
            FetchMaxBytes = 16 * 1024 * 1024,
            CheckCrcs = true,
        }).SetLogHandler(static (_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new Confluent.Kafka.TopicPartitionOffset(topic, partition, Offset.Beginning)));
        Stopwatch? clock = null;
        var (read, bytes) = (0, 0L);
        while (read < records)
        {
            var record = consumer.Consume(Patience) ?? throw new InvalidOperationException($"{read} of {records} came");
            clock ??= Stopwatch.StartNew();
            bytes += record.Message.Value.Length;
            read++;
        }

        clock!.Stop();
        consumer.Close();
        return bytes > 0 ? clock : throw new InvalidOperationException("nothing came");
    }
}

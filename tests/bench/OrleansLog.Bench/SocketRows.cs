using System.Diagnostics;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>The SDK over the Kafka socket against the field's usual .NET client, both against the same broker in another process.</summary>
internal sealed class SocketRows(SiloUnderTest silo, Scale scale, int pairs)
{
    private const int Partitions = 4;
    private const int BatchBytes = 1_000_000;
    private const int LingerMs = 5;
    private const long BytesPerRun = 200L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        var client = silo.Client;
        foreach (var bytes in (int[])[100, 1024])
        {
            // Little enough that the pages of the segments are used again, much enough for a second.
            var records = scale.Of((int)Math.Min(2_000_000, BytesPerRun / bytes));
            var produced = await Paired.RunAsync(
                pairs,
                () => silo.WithTopicAsync(Partitions, topic => TimeAsync(records, () => ProduceAsync(client, topic, records, bytes))),
                () => silo.WithTopicAsync(Partitions, topic => Task.FromResult(Time(records, () => ConfluentProduce(topic, records, bytes)))));
            yield return Row($"SDK over the socket, produce {bytes}-byte records, acks=1, every delivery handled", produced);
            var consumed = await silo.WithTopicAsync(Partitions, async topic =>
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
        var perMiB = await silo.WithTopicAsync(Partitions, async topic =>
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

    private static double Time(int records, Func<TimeSpan> run) => records / run().TotalSeconds;

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

    private TimeSpan ConfluentProduce(string topic, int records, int bytes)
    {
        using var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(silo.Address, LingerMs));
        var values = new[] { Value(bytes) };
        ConfluentClient.Produce(producer, topic, Partitions, 1, values);
        return ConfluentClient.Produce(producer, topic, Partitions, records, values);
    }

    private TimeSpan ConfluentConsume(string topic, int records)
    {
        using var consumer = ConfluentClient.Consumer(ConfluentClient.ConsumerConfig(silo.Address));
        return ConfluentClient.Consume(consumer, topic, Partitions, records);
    }
}

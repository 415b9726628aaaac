using System.Diagnostics;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>The SDK's producer, every delivery handled, against the field's usual .NET client into its own mock cluster.</summary>
internal static class SdkRows
{
    private const int Records = 2_000_000;
    private const int RecordBytes = 100;
    private const int Partitions = 4;

    public static async Task<BenchRow> DirectAsync(BrokerUnderTest broker, int pairs)
    {
        var (ours, reference, ratio) = await Paired.RunAsync(
            pairs,
            () => broker.WithTopicAsync(Partitions, "os", topic => ProduceAsync(broker.Client, topic)),
            () => Task.FromResult(ConfluentReference.Produce(Records, RecordBytes, Partitions)));
        return new BenchRow("SDK in process, 100-byte records, acks=1, every delivery handled", "records/s", ours, reference, ratio, "1.0",
            "Confluent.Kafka into its mock cluster");
    }

    /// <summary>The same against a silo in another process.</summary>
    public static async Task<BenchRow> RemoteAsync(SiloProcess silo, int pairs)
    {
        await using var client = await silo.ConnectAsync();
        var topics = 0;
        async Task<double> Ours()
        {
            var topic = $"remote-{topics++}";
            await client.Admin.CreateTopicAsync(topic, Partitions, 1, new Dictionary<string, string>
            {
                ["orleanslog.flush.policy"] = "os",
                ["file.delete.delay.ms"] = "0",
            });
            var rate = await ProduceAsync(client, topic);
            await client.Admin.DeleteTopicAsync(topic);
            return rate;
        }

        var (ours, reference, ratio) = await Paired.RunAsync(
            pairs, Ours, () => Task.FromResult(ConfluentReference.Produce(Records, RecordBytes, Partitions)));
        return new BenchRow("SDK in another process over Orleans, the same", "records/s", ours, reference, ratio, "reported",
            "Confluent.Kafka into its mock cluster");
    }

    /// <summary>Bytes allocated by broker and SDK together for each MiB of batches.</summary>
    public static async Task<BenchRow> AllocatedAsync(BrokerUnderTest broker)
    {
        var perMiB = await broker.WithTopicAsync(Partitions, "os", async topic =>
        {
            await ProduceAsync(broker.Client, topic);
            var options = new ProducerOptions { Acks = Acks.Leader, BatchBytes = 1 << 20, LingerMs = 50 };
            await using var producer = broker.Client.CreateProducer<Unit, byte[]>(options);
            for (var warmUp = 0; warmUp < 6; warmUp++) await SendAsync(producer, topic, Records / 2);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await SendAsync(producer, topic, Records);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            return allocated / ((double)Records * RecordBytes / (1 << 20));
        });
        return new BenchRow("allocated by broker and SDK per 1 MiB of 100-byte records, direct", "bytes", perMiB, double.NaN, double.NaN,
            "under 4,096", "-");
    }

    private static async Task<double> ProduceAsync(ILogClient client, string topic)
    {
        await using var producer = client.CreateProducer<Unit, byte[]>(new ProducerOptions { Acks = Acks.Leader, LingerMs = 5 });
        await SendAsync(producer, topic, 1000);
        var clock = Stopwatch.StartNew();
        await SendAsync(producer, topic, Records);
        return Records / clock.Elapsed.TotalSeconds;
    }

    private static async Task SendAsync(ILogProducer<Unit, byte[]> producer, string topic, int count)
    {
        var value = new byte[RecordBytes];
        new Random(1).NextBytes(value);
        var handled = 0;
        var failed = 0;
        DeliveryHandler handle = (in DeliveryReport report) =>
        {
            if (!report.IsStored) Interlocked.Increment(ref failed);
            Interlocked.Increment(ref handled);
        };
        for (var i = 0; i < count; i++)
        {
            var accepted = producer.Produce(topic, default, value, handle);
            if (!accepted.IsCompletedSuccessfully) await accepted;
        }

        await producer.FlushAsync();
        if (failed > 0 || handled < count) throw new InvalidOperationException($"{handled} handled, {failed} failed of {count}");
    }
}

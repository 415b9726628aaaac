using Confluent.Kafka;
using OrleansLog.Bench.References;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>How fast the field's usual .NET client is here: producing beside its own mock cluster, consuming beside a recorded answer.</summary>
internal sealed class ClientRows(SiloUnderTest silo, Scale scale, int pairs)
{
    private const long BytesPerRun = 200L << 20;
    private const int MostRecords = 1_500_000;

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        foreach (var partitions in (int[])[1, 12])
        {
            foreach (var bytes in (int[])[100, 1024])
            {
                foreach (var codec in (CompressionType[])[CompressionType.None, CompressionType.Lz4])
                {
                    var records = scale.Of((int)Math.Min(MostRecords, BytesPerRun / bytes));
                    var what = $"{bytes} B, {partitions} {(partitions == 1 ? "partition" : "partitions")}, {codec.ToString().ToLowerInvariant()}";
                    yield return await ProduceAsync(what, partitions, records, bytes, codec);
                    yield return await ConsumeAsync(what, partitions, records, bytes, codec);
                }
            }
        }
    }

    private async Task<BenchRow> ProduceAsync(string what, int partitions, int records, int bytes, CompressionType codec)
    {
        var values = ConfluentClient.ValuesOf(bytes);
        double Produce(string? address, string topic)
        {
            using var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(address, codec: codec));
            if (address is null)
                ConfluentClient.CreateInMock(producer, topic, partitions);

            ConfluentClient.Produce(producer, topic, partitions, partitions, values);
            return records / ConfluentClient.Produce(producer, topic, partitions, records, values).TotalSeconds;
        }

        var figures = await Paired.RunAsync(
            pairs,
            () => silo.WithTopicAsync(partitions, topic => Task.Run(() => Produce(silo.Address, topic))),
            () => Task.Run(() => Produce(null, "bench")));
        return new BenchRow($"Confluent.Kafka produces {what}, acks=1", "records/s", figures.Ours, figures.Reference, figures.Ratio, "aim 0.8", "the client into its mock cluster");
    }

    private Task<BenchRow> ConsumeAsync(string what, int partitions, int records, int bytes, CompressionType codec) =>
        silo.WithTopicAsync(partitions, async topic =>
        {
            using (var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(silo.Address, codec: codec)))
                ConfluentClient.Produce(producer, topic, partitions, records, ConfluentClient.ValuesOf(bytes));

            var recording = Path.GetTempFileName();
            try
            {
                await File.WriteAllBytesAsync(recording, Record(topic));
                using var reference = ReferenceProcess.Start("recorded", recording, topic, partitions.ToString(System.Globalization.CultureInfo.InvariantCulture));
                var figures = await Paired.RunAsync(
                    pairs,
                    () => Task.Run(() => Consume(silo.Address, topic, partitions, records)),
                    () => Task.Run(() => Consume($"127.0.0.1:{reference.Port}", topic, partitions, records)));
                return new BenchRow($"Confluent.Kafka consumes {what}", "records/s", figures.Ours, figures.Reference, figures.Ratio, "0.8", "the client fed a recorded answer by a bare socket");
            }
            finally
            {
                File.Delete(recording);
            }
        });

    private static double Consume(string address, string topic, int partitions, int records)
    {
        using var consumer = ConfluentClient.Consumer(ConfluentClient.ConsumerConfig(address));
        return records / ConfluentClient.Consume(consumer, topic, partitions, records).TotalSeconds;
    }

    /// <summary>What the broker answers to this client's first fetch of a partition.</summary>
    private byte[] Record(string topic)
    {
        using var client = RawKafka.Connect(silo.Address);
        var answer = client.Ask<FetchRequestData, FetchResponseData>(RawRequests.Fetch(topic, 1 << 20), RawRequests.FetchVersion);
        var records = answer.Responses[0].Partitions[0].Records!.Value;
        return records.Length > 0 ? records.ToArray() : throw new InvalidOperationException("nothing was recorded");
    }
}

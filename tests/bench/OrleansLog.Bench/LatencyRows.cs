using System.Diagnostics;
using Confluent.Kafka;

namespace OrleansLog.Bench;

/// <summary>Latency at 1,000 records a second: until the producer knows, and until a consumer has the record.</summary>
internal sealed class LatencyRows(SiloUnderTest silo, Scale scale, int pairs)
{
    private const int RecordsPerSecond = 1000;
    private const int RecordBytes = 100;
    private const int WarmUp = 2000;

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        var (acknowledged, arrived) = await MeasureAsync();
        var (median, reference) = (At(arrived, 0.5), At(acknowledged, 0.5));
        yield return new BenchRow("end to end at 1,000 records/s, median", "ms", median, reference, median / reference, "within 2",
            $"acks=1 produce latency; 99th: end to end {At(arrived, 0.99):N2}, produce {At(acknowledged, 0.99):N2}; 99.9th: {At(arrived, 0.999):N2}, {At(acknowledged, 0.999):N2}");
        yield return await silo.WithTopicAsync(1, BesideColdReaderAsync);
    }

    /// <summary>End to end, beside a client that reads old records of another partition as fast as the disk has them.</summary>
    private async Task<BenchRow> BesideColdReaderAsync(string topic)
    {
        var reader = new ColdReader(silo, topic, mebibytes: scale.Of(4096));
        var (alone, beside, ratios) = (new double[pairs], new double[pairs], new double[pairs]);
        for (var i = 0; i < pairs; i++)
        {
            alone[i] = At((await MeasureAsync()).Arrived, 0.99);
            reader.Begin();
            beside[i] = At((await MeasureAsync()).Arrived, 0.99);
            await reader.EndAsync();
            ratios[i] = beside[i] / alone[i];
            Console.Error.WriteLine($"    pair {i + 1}: beside a cold reader {beside[i]:N2}, alone {alone[i]:N2}, ratio {ratios[i]:N2}; read {reader.MebibytesPerSecond:N0} MiB/s");
        }

        return new BenchRow("end to end at 1,000 records/s, 99th, beside a client that reads what only the disk has", "ms",
            Paired.Median(beside), Paired.Median(alone), Paired.Median(ratios), "under 1.2, and 5 ms", $"without that client, which reads {reader.MebibytesPerSecond:N0} MiB/s");
    }

    private Task<(double[] Acknowledged, double[] Arrived)> MeasureAsync() => silo.WithTopicAsync(1, async topic =>
    {
        var records = WarmUp + scale.Of(20_000);
        var produced = new double[records];
        var consumed = new double[records];
        var sentAt = new long[records];
        using var stop = new CancellationTokenSource(ConfluentClient.Patience);
        var ready = new TaskCompletionSource();
        var consuming = Task.Run(() => Consume(topic, sentAt, consumed, ready, stop.Token));
        using var producer = ConfluentClient.Producer(ConfluentClient.ProducerConfig(silo.Address, lingerMs: 0));
        await ready.Task;
        await Task.Run(() => Produce(producer, topic, sentAt, produced));
        producer.Flush(ConfluentClient.Patience);
        await consuming;
        return (produced[WarmUp..].Order().ToArray(), consumed[WarmUp..].Order().ToArray());
    });

    private static double At(double[] sorted, double share) => sorted[(int)(sorted.Length * share)];

    private static void Produce(IProducer<Null, byte[]> producer, string topic, long[] sentAt, double[] latency)
    {
        var value = new byte[RecordBytes];
        var clock = Stopwatch.StartNew();
        var target = new Confluent.Kafka.TopicPartition(topic, 0);
        for (var i = 0; i < sentAt.Length; i++)
        {
            while (clock.Elapsed.TotalSeconds * RecordsPerSecond < i)
                Thread.Sleep(1);

            var number = i;
            sentAt[i] = Stopwatch.GetTimestamp();
            producer.Produce(target, new Message<Null, byte[]> { Value = value }, report =>
            {
                if (report.Error.IsError)
                    throw new InvalidOperationException(report.Error.Reason);

                latency[number] = Stopwatch.GetElapsedTime(sentAt[number]).TotalMilliseconds;
            });
        }
    }

    private void Consume(string topic, long[] sentAt, double[] latency, TaskCompletionSource ready, CancellationToken stop)
    {
        using var consumer = ConfluentClient.Consumer(ConfluentClient.ConsumerConfig(silo.Address));
        consumer.Assign(new Confluent.Kafka.TopicPartitionOffset(topic, 0, Offset.Beginning));
        ready.SetResult();
        for (var i = 0; i < sentAt.Length; i++)
        {
            consumer.Consume(stop);
            latency[i] = Stopwatch.GetElapsedTime(sentAt[i]).TotalMilliseconds;
        }
    }
}

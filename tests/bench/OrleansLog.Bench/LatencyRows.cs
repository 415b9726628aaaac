using System.Diagnostics;
using Confluent.Kafka;

namespace OrleansLog.Bench;

/// <summary>Latency at 1,000 records a second: until the producer knows, and until a consumer has the record.</summary>
internal sealed class LatencyRows(SiloUnderTest silo, Scale scale)
{
    private const int RecordsPerSecond = 1000;
    private const int RecordBytes = 100;
    private const int WarmUp = 2000;

    public Task<BenchRow> RunAsync() => silo.WithTopicAsync(1, async topic =>
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
        var (acknowledged, arrived) = (produced[WarmUp..].Order().ToArray(), consumed[WarmUp..].Order().ToArray());
        var (median, reference) = (At(arrived, 0.5), At(acknowledged, 0.5));
        return new BenchRow("end to end at 1,000 records/s, median", "ms", median, reference, median / reference, "within 2",
            $"acks=1 produce latency; 99th: end to end {At(arrived, 0.99):N2}, produce {At(acknowledged, 0.99):N2}");
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

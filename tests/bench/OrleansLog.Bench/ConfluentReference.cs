using System.Diagnostics;
using Confluent.Kafka;

namespace OrleansLog.Bench;

/// <summary>The field's usual .NET producer into its own in-memory mock cluster: no disk and no other process.</summary>
internal static class ConfluentReference
{
    /// <summary>Records per second with every delivery handled.</summary>
    public static double Produce(int records, int recordBytes, int partitions)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = "localhost:1",
            Acks = Confluent.Kafka.Acks.Leader,
            LingerMs = 5,
            BatchSize = 1_000_000,
            BatchNumMessages = 100_000,
            QueueBufferingMaxMessages = 1_000_000,
            QueueBufferingMaxKbytes = 256 * 1024,
            LogConnectionClose = false,
            SocketTimeoutMs = 30_000,
            DeliveryReportFields = "status",
        };
        config.Set("test.mock.num.brokers", "1");
        config.Set("log_level", "0");
        var value = new byte[recordBytes];
        Random.Shared.NextBytes(value);
        using var producer = new ProducerBuilder<Confluent.Kafka.Null, byte[]>(config).SetLogHandler((_, _) => { }).Build();
        var topics = Enumerable.Range(0, partitions).Select(i => new Confluent.Kafka.TopicPartition("bench", i)).ToArray();
        var handled = 0;
        var failed = 0;
        void Handle(DeliveryReport<Confluent.Kafka.Null, byte[]> report)
        {
            if (report.Error.IsError) Interlocked.Increment(ref failed);
            Interlocked.Increment(ref handled);
        }

        // The mock cluster makes the topic at the first use; four partitions by default.
        producer.Produce(topics[0], new Message<Confluent.Kafka.Null, byte[]> { Value = value }, Handle);
        producer.Flush(TimeSpan.FromSeconds(10));
        if (failed > 0) throw new InvalidOperationException("the mock cluster refused the first record");
        handled = 0;

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topics[i % topics.Length], new Message<Confluent.Kafka.Null, byte[]> { Value = value }, Handle);
                    break;
                }
                catch (ProduceException<Confluent.Kafka.Null, byte[]> full) when (full.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(5));
                }
            }
        }

        producer.Flush(TimeSpan.FromSeconds(60));
        clock.Stop();
        if (failed > 0 || handled < records) throw new InvalidOperationException($"{handled} handled, {failed} failed of {records}");
        return records / clock.Elapsed.TotalSeconds;
    }
}

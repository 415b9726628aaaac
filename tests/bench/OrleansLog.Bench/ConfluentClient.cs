using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace OrleansLog.Bench;

/// <summary>The field's usual .NET client, as all rows use it: every delivery handled, every record looked at.</summary>
internal static partial class ConfluentClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static ConfluentClient() => NativeLibrary.SetDllImportResolver(typeof(ConfluentClient).Assembly, static (name, _, _) => name == Library ? Loaded() : 0);

    private const string Library = "librdkafka";

    /// <summary>Different values in turn, or every codec would find the same one again and again.</summary>
    private const int Values = 1024;

    /// <summary>A producer of batches up to 1 MB.</summary>
    /// <param name="address">The broker's, or null for the client's own mock cluster.</param>
    /// <param name="lingerMs">How long a batch may wait to become full.</param>
    /// <param name="codec">What the records are compressed with.</param>
    public static ProducerConfig ProducerConfig(string? address, double lingerMs = 5, CompressionType codec = CompressionType.None)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = address ?? "localhost:1",
            Acks = Confluent.Kafka.Acks.Leader,
            LingerMs = lingerMs,
            BatchSize = 1 << 20,
            BatchNumMessages = 100_000,
            MessageMaxBytes = 2_000_000,
            QueueBufferingMaxMessages = 1_000_000,
            QueueBufferingMaxKbytes = 256 * 1024,
            CompressionType = codec,
            DeliveryReportFields = "status",
        };
        if (address is null)
            config.Set("test.mock.num.brokers", "1");

        return config;
    }

    /// <summary>A consumer of whole batches.</summary>
    public static ConsumerConfig ConsumerConfig(string address) => new()
    {
        BootstrapServers = address,
        GroupId = "none",
        EnableAutoCommit = false,
        QueuedMaxMessagesKbytes = 64 * 1024,
        FetchMaxBytes = 16 * 1024 * 1024,
        CheckCrcs = true,
        FetchQueueBackoffMs = 1, // a second by default: as soon as its queue was full once, that second would be all that is measured
    };

    public static IProducer<Null, byte[]> Producer(ProducerConfig config) =>
        new ProducerBuilder<Null, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();

    public static IConsumer<Ignore, byte[]> Consumer(ConsumerConfig config) =>
        new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();

    /// <summary>Makes a topic in a producer's mock cluster, which would give one that it makes itself four partitions.</summary>
    public static void CreateInMock(IProducer<Null, byte[]> producer, string topic, int partitions)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic);
        var handle = property?.GetValue(producer.Handle) as SafeHandle ?? throw new InvalidOperationException("the client hides its handle elsewhere now");
        if (MockTopicCreate(MockCluster(handle.DangerousGetHandle()), topic, partitions, 1) != 0)
            throw new InvalidOperationException("the mock cluster refused the topic");
    }

    /// <summary>Values of a size, half of each random.</summary>
    public static byte[][] ValuesOf(int recordBytes)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Values).Select(_ =>
        {
            var value = new byte[recordBytes];
            random.NextBytes(value.AsSpan(0, recordBytes / 2));
            return value;
        })];
    }

    /// <summary>Produces records to the partitions in turn, waits for every delivery, and returns the time that took.</summary>
    public static TimeSpan Produce(IProducer<Null, byte[]> producer, string topic, int partitions, int records, byte[][] values)
    {
        var targets = Enumerable.Range(0, partitions).Select(partition => new Confluent.Kafka.TopicPartition(topic, partition)).ToArray();
        var (handled, failed) = (0, 0);
        void Handle(DeliveryReport<Null, byte[]> report)
        {
            if (report.Error.IsError) Interlocked.Increment(ref failed);
            Interlocked.Increment(ref handled);
        }

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            while (!TryProduce(producer, targets[i % partitions], values[i % values.Length], Handle))
                producer.Poll(TimeSpan.FromMilliseconds(5));
        }

        producer.Flush(Patience);
        clock.Stop();
        return failed == 0 && handled == records ? clock.Elapsed : throw new InvalidOperationException($"{handled} handled, {failed} failed of {records}");
    }

    /// <summary>Consumes from the beginning on; the time runs from the first record, because connecting is measured elsewhere.</summary>
    public static TimeSpan Consume(IConsumer<Ignore, byte[]> consumer, string topic, int partitions, int records)
    {
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new Confluent.Kafka.TopicPartitionOffset(topic, partition, Offset.Beginning)));
        Stopwatch? clock = null;
        var bytes = 0L;
        for (var read = 0; read < records; read++)
        {
            var record = consumer.Consume(Patience) ?? throw new InvalidOperationException($"{read} of {records} came");
            clock ??= Stopwatch.StartNew();
            bytes += record.Message.Value.Length;
        }

        clock!.Stop();
        consumer.Unassign();
        return bytes > 0 ? clock.Elapsed : throw new InvalidOperationException("nothing came");
    }

    private static bool TryProduce(
        IProducer<Null, byte[]> producer, Confluent.Kafka.TopicPartition target, byte[] value, Action<DeliveryReport<Null, byte[]>> handle)
    {
        try
        {
            producer.Produce(target, new Message<Null, byte[]> { Value = value }, handle);
            return true;
        }
        catch (ProduceException<Null, byte[]> full) when (full.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }

    /// <summary>The copy that the client itself has chosen among several; another one would not know its handles.</summary>
    private static nint Loaded()
    {
        var line = File.ReadLines("/proc/self/maps").First(map => map.Contains(Library, StringComparison.Ordinal));
        return NativeLibrary.Load(line[line.IndexOf('/', StringComparison.Ordinal)..]);
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_handle_mock_cluster")]
    private static partial nint MockCluster(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MockTopicCreate(nint cluster, string topic, int partitions, int replicationFactor);
}

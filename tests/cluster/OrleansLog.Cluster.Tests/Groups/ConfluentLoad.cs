using System.Collections.Concurrent;
using Confluent.Kafka;
using OrleansLog.Cluster.Member;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Groups;

using Acks = Confluent.Kafka.Acks;
using TopicPartition = Confluent.Kafka.TopicPartition;

/// <summary>One idempotent producer of librdkafka that sends at a steady pace, through every crash, and remembers what it was told.</summary>
internal sealed class ConfluentLoad : IAsyncDisposable
{
    private static readonly CompressionType[] Codecs = [CompressionType.None, CompressionType.Lz4, CompressionType.Zstd, CompressionType.Snappy, CompressionType.Gzip];

    private readonly IProducer<string, string> _producer;
    private readonly GroupWorkload _workload;
    private readonly (string Topic, int Partition)[] _places;
    private readonly ConcurrentQueue<Sent> _sent = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private readonly int _number;
    private int _acknowledged;

    public ConfluentLoad(int number, string bootstrapServers, GroupWorkload workload)
    {
        (_number, _workload) = (number, workload);
        _places = [.. workload.Topics.SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => (topic.Key, partition)))];
        _producer = new ProducerBuilder<string, string>(Config(number, bootstrapServers))
            .SetErrorHandler((_, error) => Complaints.Enqueue($"producer {number}: {error}{(error.IsFatal ? " FATAL" : "")}"))
            .SetLogHandler((_, line) => Note(line))
            .Build();
        _sending = Task.Run(SendAsync);
    }

    /// <summary>What the client said about its broker.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Sends no more, and waits until everything that was sent has an answer; the number that has none.</summary>
    public async Task<int> FinishAsync(TimeSpan within)
    {
        await _stop.CancelAsync();
        await _sending;
        return await OwnThread.RunAsync(() => _producer.Flush(within));
    }

    /// <summary>What a topic was sent, and what was answered.</summary>
    public IEnumerable<SentRecord> SentTo(string topic) => _sent.Where(sent => sent.Topic == topic)
        .Select(sent => new SentRecord(sent.Partition, sent.Sequence, Payload.Id(_number, sent.Sequence), sent.Outcome, sent.Offset, _number));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await Librdkafka.DestroyAsync(_producer);
        _stop.Dispose();
    }

    private static ProducerConfig Config(int number, string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        ClientId = $"producer-{number}",
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = 2,
        CompressionType = Codecs[number % Codecs.Length],
        MessageTimeoutMs = 600_000,
        RequestTimeoutMs = 5_000,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 500,
        QueueBufferingMaxMessages = 100_000,
        Debug = "eos",
    };

    /// <summary>What librdkafka says about producer ids, epochs and sequences: the first question where a record is there twice.</summary>
    private void Note(LogMessage line)
    {
        if (line.Facility is "GETPID" or "EPOCHBUMP" or "RETRY" or "ERRSEQ" or "ERRPID" || line.Message.Contains("bump", StringComparison.Ordinal))
        {
            Complaints.Enqueue($"producer {_number}: {DateTime.Now:HH:mm:ss.fff} {line.Facility} {line.Message}");
        }
    }

    private async Task SendAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            for (var sequence = 0L; await pace.WaitForNextTickAsync(_stop.Token);)
            {
                for (var i = 0; i < _workload.RecordsPerTick; i++)
                {
                    Send(sequence++);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private void Send(long sequence)
    {
        var (topic, partition) = _places[(sequence * 31 + _number) % _places.Length];
        var sent = new Sent(topic, partition, sequence);
        var message = new Message<string, string> { Key = $"key-{sequence % 50}", Value = Payload.Value(_number, sequence) };
        try
        {
            _producer.Produce(new TopicPartition(topic, partition), message, report => Delivered(sent, report));
            _sent.Enqueue(sent);
        }
        catch (ProduceException<string, string> error)
        {
            Complaints.Enqueue($"producer {_number}: {error.Error}");
        }
    }

    private void Delivered(Sent sent, DeliveryReport<string, string> report)
    {
        (sent.Outcome, sent.Offset) = report.Status switch
        {
            PersistenceStatus.Persisted => (Outcome.Acknowledged, report.Offset == Offset.Unset ? -1 : report.Offset.Value),
            PersistenceStatus.NotPersisted => (Outcome.Refused, -1),
            _ => (Outcome.Unknown, -1),
        };
        if (sent.Outcome == Outcome.Acknowledged)
        {
            Interlocked.Increment(ref _acknowledged);
        }
        else
        {
            Complaints.Enqueue($"producer {_number}: {sent.Topic}-{sent.Partition} {sent.Sequence} is {sent.Outcome}: {report.Error}");
        }
    }

    private sealed class Sent(string topic, int partition, long sequence)
    {
        public string Topic => topic;

        public int Partition => partition;

        public long Sequence => sequence;

        public Outcome Outcome { get; set; }

        public long Offset { get; set; } = -1;
    }
}

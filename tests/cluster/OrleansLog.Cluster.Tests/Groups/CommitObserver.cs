using System.Collections.Concurrent;
using Confluent.Kafka;
using OrleansLog.Cluster.Member;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Groups;

using TopicPartition = Confluent.Kafka.TopicPartition;

/// <summary>Asks for a group's committed offsets again and again, without being a member of it.</summary>
internal sealed class CommitObserver : IAsyncDisposable
{
    private const string Name = "observer";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<GroupEvent> _events = new();
    private readonly ConcurrentDictionary<TopicPartition, long> _committed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly List<TopicPartition> _partitions;
    private readonly Task _asking;

    public CommitObserver(string bootstrapServers, string group, GroupWorkload workload)
    {
        _partitions = [.. workload.Topics.SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => new TopicPartition(topic.Key, partition)))];
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = group,
            ClientId = Name,
            SocketTimeoutMs = 3_000, // Of a coordinator that stands still; another one may have taken over, and is asked then.
            ReconnectBackoffMs = 50,
            ReconnectBackoffMaxMs = 500,
        };
        _consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _asking = OwnThread.RunAsync(AskUntilStopped);
    }

    public IReadOnlyCollection<GroupEvent> Events => _events;

    /// <summary>How far the group is, over all partitions.</summary>
    public long Sum => _committed.Values.Sum();

    /// <summary>The offset seen last; -1 for none.</summary>
    public long Committed(string topic, int partition) => _committed.GetValueOrDefault(new TopicPartition(topic, partition), -1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        await Librdkafka.DestroyAsync(_consumer);
        _stop.Dispose();
    }

    private bool AskUntilStopped()
    {
        while (!_stop.Token.WaitHandle.WaitOne(Pace))
        {
            Ask();
        }

        return true;
    }

    private void Ask()
    {
        try
        {
            _partitions.ForEach(partition => Record(GroupEventKind.Asked, partition, -1));
            foreach (var committed in _consumer.Committed(_partitions, LongestAnswer))
            {
                var offset = committed.Offset == Offset.Unset ? -1 : committed.Offset.Value;
                Record(GroupEventKind.Observed, committed.TopicPartition, offset);
                _committed[committed.TopicPartition] = offset;
            }
        }
        catch (KafkaException)
        {
            // No answer while the broker is down.
        }
    }

    private void Record(GroupEventKind kind, TopicPartition partition, long offset) =>
        _events.Enqueue(new GroupEvent(kind, GroupEvent.Now, Name, partition.Topic, partition.Partition, offset));
}

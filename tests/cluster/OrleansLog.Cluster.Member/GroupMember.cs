using System.Diagnostics;
using Confluent.Kafka;

namespace OrleansLog.Cluster.Member;

using TopicPartition = Confluent.Kafka.TopicPartition;
using TopicPartitionOffset = Confluent.Kafka.TopicPartitionOffset;

/// <summary>
/// librdkafka's member of a group, which writes down whatever happens to it: what it is given and gives back, each record it polls, each commit before it
/// is sent and when it is answered. What is done before it is written down is never more than the history may assume.
/// </summary>
public sealed class GroupMember(MemberSettings settings, Action<GroupEvent> record, Action<string> complain) : IGroupMember
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(50);

    private readonly ManualResetEventSlim _goOn = new(initialState: true);
    private readonly Dictionary<TopicPartition, long> _uncommitted = [];
    private long _lastCommit;

    public void Stall() => _goOn.Reset();

    public void Resume() => _goOn.Set();

    public void Run(CancellationToken leave, CancellationToken abandon)
    {
        using var consumer = Build();
        consumer.Subscribe(settings.Topics);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, abandon);
        while (!either.IsCancellationRequested && PollOnce(consumer, either.Token))
        {
        }

        if (!abandon.IsCancellationRequested)
        {
            Attempt(consumer.Close);
        }
    }

    public void Dispose() => _goOn.Dispose();

    private IConsumer<string, string> Build() => new ConsumerBuilder<string, string>(settings.ToConfig())
        .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
        .SetPartitionsRevokedHandler((consumer, partitions) => Revoked(consumer, partitions))
        .SetPartitionsLostHandler((_, partitions) => GaveUp(GroupEventKind.Lost, partitions))
        .SetErrorHandler((_, error) => complain($"{settings.Name}: {error}"))
        .SetLogHandler((_, _) => { })
        .Build();

    /// <summary>False when the consumer is of no more use: another has its instance id.</summary>
    private bool PollOnce(IConsumer<string, string> consumer, CancellationToken stop)
    {
        try
        {
            _goOn.Wait(stop);
            if (consumer.Consume(PollTime) is { IsPartitionEOF: false } polled)
            {
                Polled(polled);
            }

            CommitWhenDue(consumer);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (KafkaException error)
        {
            complain($"{settings.Name}: {error.Error}");
            return !error.Error.IsFatal;
        }
    }

    private void Polled(ConsumeResult<string, string> polled)
    {
        Record(GroupEventKind.Polled, polled.TopicPartition, polled.Offset, Payload.IdOf(polled.Message.Value));
        _uncommitted[polled.TopicPartition] = polled.Offset + 1;
    }

    private void CommitWhenDue(IConsumer<string, string> consumer)
    {
        if (_uncommitted.Count > 0 && Stopwatch.GetElapsedTime(_lastCommit).TotalMilliseconds >= settings.CommitIntervalMs)
        {
            Commit(consumer, [.. _uncommitted.Keys]);
            _lastCommit = Stopwatch.GetTimestamp();
        }
    }

    private void Commit(IConsumer<string, string> consumer, IEnumerable<TopicPartition> partitions)
    {
        var offsets = partitions.Where(_uncommitted.ContainsKey).Select(partition => new TopicPartitionOffset(partition, _uncommitted[partition])).ToList();
        if (offsets.Count == 0)
        {
            return;
        }

        offsets.ForEach(offset => Record(GroupEventKind.CommitStarted, offset.TopicPartition, offset.Offset));
        Attempt(() =>
        {
            consumer.Commit(offsets);
            offsets.ForEach(Acknowledged);
        });
    }

    private void Acknowledged(TopicPartitionOffset offset)
    {
        Record(GroupEventKind.CommitAcknowledged, offset.TopicPartition, offset.Offset);
        _uncommitted.Remove(offset.TopicPartition);
    }

    private void Assigned(List<TopicPartition> partitions) => partitions.ForEach(partition =>
    {
        _uncommitted.Remove(partition);
        Record(GroupEventKind.Assigned, partition);
    });

    private void Revoked(IConsumer<string, string> consumer, List<TopicPartitionOffset> partitions)
    {
        Commit(consumer, partitions.Select(offset => offset.TopicPartition));
        GaveUp(GroupEventKind.Revoked, partitions);
    }

    private void GaveUp(GroupEventKind kind, List<TopicPartitionOffset> partitions) => partitions.ForEach(offset =>
    {
        _uncommitted.Remove(offset.TopicPartition);
        Record(kind, offset.TopicPartition);
    });

    /// <summary>A refusal, or no answer: the member goes on, the next owner starts where the group knows.</summary>
    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (KafkaException error)
        {
            complain($"{settings.Name}: {error.Error}");
        }
    }

    private void Record(GroupEventKind kind, TopicPartition partition, long offset = -1, string value = "-") =>
        record(new GroupEvent(kind, GroupEvent.Now, settings.Name, partition.Topic, partition.Partition, offset, value));
}

using OrleansLog.Client;

namespace OrleansLog.Cluster.Member;

/// <summary>The SDK's member of a group, over the socket: polls batches, commits each by hand, and when partitions are given back.</summary>
internal sealed class SdkMember(MemberSettings settings, Action<GroupEvent> record, Action<string> complain) : IGroupMember
{
    private readonly Dictionary<TopicPartition, long> _uncommitted = [];

    /// <summary>Completed while it polls. The polls run on the pool, where a stall must hold no thread.</summary>
    private volatile TaskCompletionSource _goOn = Completed();

    public void Stall() => _goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => _goOn.TrySetResult();

    public void Run(CancellationToken leave, CancellationToken abandon)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, abandon);
        RunAsync(either.Token).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await using var client = await LogClient.ConnectAsync(new LogClientOptions { BootstrapServers = settings.BootstrapServers.Split(',') }, CancellationToken.None).ConfigureAwait(false);
        await using var consumer = client.CreateConsumer<string, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest, FetchMaxWaitMs = 100, ApiTimeoutMs = 10_000 });
        consumer.Subscribe(Subscription.To(settings.Topics), Options(consumer));
        var polled = new List<ConsumeResult<string, string>>();
        while (!stop.IsCancellationRequested && await PollOnceAsync(consumer, polled, stop).ConfigureAwait(false))
        {
        }
    }

    private GroupOptions Options(ILogConsumer<string, string> consumer) => new()
    {
        GroupId = settings.Group,
        GroupInstanceId = settings.InstanceId,
        ClientId = settings.Name,
        SessionTimeoutMs = settings.SessionTimeoutMs,
        HeartbeatIntervalMs = 300,
        MaxPollIntervalMs = settings.MaxPollIntervalMs,
        AutoCommit = false,
        OnAssigned = (partitions, _) => Told(GroupEventKind.Assigned, partitions),
        OnRevoked = async (partitions, token) =>
        {
            await CommitAsync(consumer, partitions, token).ConfigureAwait(false);
            await Told(GroupEventKind.Revoked, partitions).ConfigureAwait(false);
        },
        OnLost = (partitions, _) => Told(GroupEventKind.Lost, partitions),
    };

    /// <summary>False when the group does not want it any more: another has its instance id.</summary>
    private async Task<bool> PollOnceAsync(ILogConsumer<string, string> consumer, List<ConsumeResult<string, string>> polled, CancellationToken stop)
    {
        try
        {
            await _goOn.Task.WaitAsync(stop).ConfigureAwait(false);
            polled.Clear();
            await consumer.PollAsync(polled, maxRecords: 200, TimeSpan.FromMilliseconds(200), stop).ConfigureAwait(false);
            polled.ForEach(Polled);
            await CommitAsync(consumer, [.. _uncommitted.Keys], CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (LogException error)
        {
            complain($"{settings.Name}: {error.GetType().Name} {error.Code}: {error.Message}");
            return error is not GroupException;
        }
    }

    private void Polled(ConsumeResult<string, string> result)
    {
        Record(GroupEventKind.Polled, result.TopicPartition, result.Offset, Payload.IdOf(result.Value));
        _uncommitted[result.TopicPartition] = result.Offset + 1;
    }

    private async Task CommitAsync(ILogConsumer<string, string> consumer, IReadOnlyCollection<TopicPartition> partitions, CancellationToken token)
    {
        var offsets = partitions.Where(_uncommitted.ContainsKey).Select(partition => new TopicPartitionOffset(partition, _uncommitted[partition])).ToList();
        if (offsets.Count == 0)
        {
            return;
        }

        offsets.ForEach(offset => Record(GroupEventKind.CommitStarted, offset.Partition, offset.Offset));
        try
        {
            await consumer.CommitAsync(offsets, token).ConfigureAwait(false);
        }
        catch (LogException error)
        {
            complain($"{settings.Name}: {error.GetType().Name} {error.Code}: {error.Message}");
            return;
        }

        offsets.ForEach(offset =>
        {
            Record(GroupEventKind.CommitAcknowledged, offset.Partition, offset.Offset);
            _uncommitted.Remove(offset.Partition);
        });
    }

    private ValueTask Told(GroupEventKind kind, IReadOnlyCollection<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _uncommitted.Remove(partition);
            Record(kind, partition);
        }

        return ValueTask.CompletedTask;
    }

    private void Record(GroupEventKind kind, TopicPartition partition, long offset = -1, string value = "-") =>
        record(new GroupEvent(kind, GroupEvent.Now, settings.Name, partition.Topic, partition.Partition, offset, value));
}

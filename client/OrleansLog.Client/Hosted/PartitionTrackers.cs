namespace OrleansLog.Client;

/// <summary>The trackers of a hosted consumer's partitions, which come and go with the assignment, and the commits of what they say.</summary>
internal sealed class PartitionTrackers(
    ClientContext client, HostedConsumerOptions options, ILogConsumer<byte[]?, byte[]?> consumer, CancellationToken abort)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, OffsetTracker> _trackers = [];

    /// <summary>The group's options, with handlers of ours around the program's.</summary>
    public GroupOptions Group()
    {
        var group = options.Group.Snapshot();
        group.AutoCommit = false;
        group.OnRevoked = async (partitions, token) =>
        {
            await SettleAsync(partitions, token).ConfigureAwait(false);
            if (options.Group.OnRevoked is { } told)
                await told(partitions, token).ConfigureAwait(false);
        };
        group.OnLost = async (partitions, token) =>
        {
            End(partitions);
            if ((options.Group.OnLost ?? options.Group.OnRevoked) is { } told)
                await told(partitions, token).ConfigureAwait(false);
        };
        return group;
    }

    public TrackedRecord Begin(in ConsumeResult<byte[]?, byte[]?> record)
    {
        lock (_gate)
        {
            if (!_trackers.TryGetValue(record.TopicPartition, out var tracker))
                _trackers.Add(record.TopicPartition, tracker = new OffsetTracker(record.TopicPartition));
            return tracker.Begin(record.Offset, record.LeaderEpoch);
        }
    }

    public async Task CommitNowAndThenAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(options.Group.AutoCommitIntervalMs), client.Time, stopping).ConfigureAwait(false);
                await CommitAsync(All(), stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is committed when the partitions are given back.
        }
    }

    // The partitions go: what is under way may end, then it is committed.
    private async Task SettleAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        var going = All().Where(tracker => partitions.Contains(tracker.Partition)).ToArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.RevokeTimeoutMs), client.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, abort, cancellationToken);
        await Task.WhenAll(going.Select(static tracker => tracker.DrainedAsync())).WaitAsync(either.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CommitAsync(going, cancellationToken).ConfigureAwait(false);
        End(partitions);
    }

    private OffsetTracker[] All()
    {
        lock (_gate)
            return [.. _trackers.Values];
    }

    private void End(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
            {
                if (_trackers.Remove(partition, out var tracker))
                    tracker.End();
            }
        }
    }

    private async Task CommitAsync(OffsetTracker[] trackers, CancellationToken cancellationToken)
    {
        var offsets = new List<TopicPartitionOffset>();
        var committing = new List<OffsetTracker>();
        foreach (var tracker in trackers)
        {
            if (tracker.Uncommitted() is not { } offset)
                continue;
            offsets.Add(offset);
            committing.Add(tracker);
        }

        if (offsets.Count == 0)
            return;
        try
        {
            await consumer.CommitAsync(offsets, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it was: the next commit asks for the same again.
            client.Log.AutoCommitFailed(error, options.Group.GroupId);
            return;
        }

        for (var i = 0; i < offsets.Count; i++)
            committing[i].Committed(offsets[i].Offset);
    }
}

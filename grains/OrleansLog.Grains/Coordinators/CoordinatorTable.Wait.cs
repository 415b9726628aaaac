using OrleansLog.Core.Controller;
using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Coordinators;

/// <content>
/// Waiting for a coordinator that loads. Most load for milliseconds, right after a start or a change of leaders; that is when every client comes at
/// once, and one with few attempts would have used them up on COORDINATOR_LOAD_IN_PROGRESS.
/// </content>
internal sealed partial class CoordinatorTable
{
    /// <summary>
    /// The shard of a group when it has loaded, or null with what its caller is told. Waits at most <c>orleanslog.group.load.wait.ms</c>; it is over at
    /// once when the leadership is, or the broker stops.
    /// </summary>
    public ValueTask<FoundShard> FindLoadedAsync(string groupId, CancellationToken cancellationToken)
    {
        if (_isStopped || _context.Metadata.Current.FindTopic(InternalTopics.ConsumerOffsets) is not { Partitions.Length: > 0 } topic)
            return new(new FoundShard(null, ErrorCode.CoordinatorNotAvailable));

        var number = GroupPartition.For(groupId, topic.Partitions.Length);
        var found = FindLoaded(number);
        return found.Refusal == ErrorCode.CoordinatorLoadInProgress
            ? WaitUntilLoadedAsync(number, _context.Broker.Time.GetTimestamp(), cancellationToken)
            : new(found);
    }

    /// <summary>Waits likewise for all that this broker leads; the first refusal where one is still not to be had.</summary>
    public async ValueTask<ErrorCode> AllLoadedAsync(CancellationToken cancellationToken)
    {
        var began = _context.Broker.Time.GetTimestamp();
        foreach (var number in LedHere())
        {
            var found = FindLoaded(number);
            if (found.Refusal == ErrorCode.CoordinatorLoadInProgress)
                found = await WaitUntilLoadedAsync(number, began, cancellationToken).ConfigureAwait(false);

            var refusal = found.Shard?.Refusal ?? found.Refusal;
            if (refusal is not (ErrorCode.None or ErrorCode.NotCoordinator))
                return refusal;
        }

        return ErrorCode.None;
    }

    /// <summary>Completes when no shard of now loads any more, however long that takes.</summary>
    public Task LoadedAsync() => Task.WhenAll(All.Select(static shard => shard.Loaded));

    private async ValueTask<FoundShard> WaitUntilLoadedAsync(int number, long began, CancellationToken cancellationToken)
    {
        var longest = TimeSpan.FromMilliseconds(_context.Config.GroupLoadWaitMs);
        if (longest == TimeSpan.Zero || !_context.TryBeginWait())
            return new FoundShard(null, ErrorCode.CoordinatorLoadInProgress);

        try
        {
            while (true)
            {
                var moved = _context.Moves.Next(number);
                var found = FindLoaded(number);
                var left = longest - _context.Broker.Time.GetElapsedTime(began);
                if (found.Refusal != ErrorCode.CoordinatorLoadInProgress || left <= TimeSpan.Zero)
                    return found;

                await moved.WaitAsync(left, _context.Broker.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _context.EndWait();
        }
    }

    private FoundShard FindLoaded(int number)
    {
        var topic = _context.Metadata.Current.FindTopic(InternalTopics.ConsumerOffsets);
        if (_isStopped || topic is null)
            return new(null, ErrorCode.CoordinatorNotAvailable);
        if (_shards.TryGetValue(number, out var shard))
            return shard.IsLoading ? new(null, ErrorCode.CoordinatorLoadInProgress) : new(shard, ErrorCode.None);

        // It may be about to open here: the caller need not look elsewhere.
        return new(null, IsLedHere(topic, number) ? ErrorCode.CoordinatorLoadInProgress : ErrorCode.NotCoordinator);
    }

    private List<int> LedHere()
    {
        var topic = _context.Metadata.Current.FindTopic(InternalTopics.ConsumerOffsets);
        return [.. Enumerable.Range(0, topic?.Partitions.Length ?? 0).Where(number => IsLedHere(topic!, number))];
    }

    private bool IsLedHere(TopicImage topic, int number) => topic.Find(number)?.Leader == _context.Broker.BrokerId;

    /// <summary>Who waits for one that was to open here, and will not now, need not wait longer.</summary>
    private void TellOfLostLeaderships(MetadataImage image)
    {
        foreach (var number in _context.Moves.Awaited)
        {
            if (image.FindTopic(InternalTopics.ConsumerOffsets) is not { } topic || !IsLedHere(topic, number))
                _context.Moves.Tell(number);
        }
    }
}

/// <summary>A shard that has loaded, or null with what its caller is told.</summary>
internal readonly record struct FoundShard(CoordinatorShard? Shard, ErrorCode Refusal);

using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Fetching;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    /// <summary>Reads what a consumer may see now; the caller disposes <paramref name="read"/>, which may be cold where only what is cached is wanted.</summary>
    public FetchPartitionResult Read(
        in FetchPartition wanted, int maxBytes, bool atLeastOneBatch, out LogRead read, bool allowsFollower = false, string? rack = null,
        bool cachedOnly = false)
    {
        read = default;
        long highWatermark;
        long logStartOffset;
        ErrorCode error;
        var preferred = -1;
        DivergingEpoch? diverging = null;
        lock (_gate)
        {
            error = _state.CheckFetch(wanted.FetchOffset, wanted.CurrentLeaderEpoch, allowsFollower);
            if (error == ErrorCode.None && wanted.LastFetchedEpoch is >= 0 and var lastFetched)
                error = _state.CheckHistory(lastFetched, wanted.FetchOffset, _history, out diverging);

            highWatermark = _state.HighWatermark;
            logStartOffset = _state.LogStartOffset;
            if (allowsFollower && rack is not null && error == ErrorCode.None && _broker.SelectsReplicaByRack)
                preferred = _state.PreferredReadReplica(rack, wanted.FetchOffset);
        }

        string? message = null;
        if (error == ErrorCode.None && preferred < 0 && diverging is null && wanted.FetchOffset < highWatermark)
        {
            read = Log.Read(wanted.FetchOffset, maxBytes, highWatermark, atLeastOneBatch, cachedOnly);
            error = read.Error;
            message = NoteReadError(read.Damage, read.DiskError);
            if (read.IsCold)
                _broker.Metrics.FetchedCold(TopicTag);
            else
                _broker.Metrics.Fetched(TopicTag, read.Data.Length);
        }

        return new FetchPartitionResult
        {
            Error = error,
            HighWatermark = highWatermark,
            LastStableOffset = highWatermark,
            LogStartOffset = logStartOffset,
            Records = read.Data,
            Diverging = diverging is { } parted ? new EpochEndOffset(parted.Epoch, parted.EndOffset) : null,
            PreferredReadReplica = preferred < 0 ? null : preferred,
            Message = message ?? (error == ErrorCode.None ? null : FetchMessage(error, wanted.FetchOffset, logStartOffset)),
        };
    }

    /// <summary>Whether an offset is in a segment before the high watermark's: an answer ends with its segment, so waiting adds nothing to it.</summary>
    public bool IsBehind(long offset, long highWatermark) => Log.IsInEarlierSegment(offset, highWatermark);

    /// <summary>Puts a waiting fetch on the list, which counts at most <paramref name="roomBytes"/>; false when there is something new already.</summary>
    public bool AddFetcher(FetchWaiter waiter, in FetchPartition wanted, long seenHighWatermark, long roomBytes, bool allowsFollower = false)
    {
        lock (_gate)
        {
            if (_state.HighWatermark != seenHighWatermark || _state.CheckFetch(wanted.FetchOffset, wanted.CurrentLeaderEpoch, allowsFollower) != ErrorCode.None)
                return false;

            _fetchers.Add(new FetchRegistration(waiter, wanted.FetchOffset, _state.CommittedBytes, roomBytes));
            return true;
        }
    }

    /// <summary>Takes a fetch that waits no longer off the list.</summary>
    public void RemoveFetcher(FetchWaiter waiter)
    {
        lock (_gate)
        {
            for (var i = _fetchers.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(_fetchers[i].Waiter, waiter))
                    RemoveFetcherAt(i);
            }
        }
    }

    /// <summary>Under the lock: tells waiting fetches what came; their continuations run elsewhere.</summary>
    private void WakeFetchers(PartitionDecisions<AppendRequest> decisions)
    {
        if (decisions.LeadershipChanged || decisions.HighWatermarkAdvanced)
            NotifyReplicas();

        if (decisions.LeadershipChanged)
        {
            TellReplicasChanged();
            foreach (var registration in _fetchers)
                registration.Waiter.Wake();

            _fetchers.Clear();
        }
        else if (decisions.HighWatermarkAdvanced)
        {
            for (var i = _fetchers.Count - 1; i >= 0; i--)
            {
                var registration = _fetchers[i];
                if (_state.HighWatermark <= registration.FetchOffset)
                    continue;

                var counted = Math.Min(registration.RoomBytes, _state.CommittedBytes - registration.SeenBytes);
                if (registration.Waiter.Offer(counted))
                {
                    RemoveFetcherAt(i);
                }
                else if (IsBehind(registration.FetchOffset, _state.HighWatermark))
                {
                    registration.Waiter.Wake();
                    RemoveFetcherAt(i);
                }
                else
                {
                    _fetchers[i] = registration with { SeenBytes = _state.CommittedBytes, RoomBytes = registration.RoomBytes - counted };
                }
            }
        }
    }

    private void RemoveFetcherAt(int index)
    {
        _fetchers[index] = _fetchers[^1];
        _fetchers.RemoveAt(_fetchers.Count - 1);
    }

    private string FetchMessage(ErrorCode error, long fetchOffset, long logStartOffset) => error switch
    {
        ErrorCode.OffsetOutOfRange => $"{Name} has the offsets {logStartOffset} to {Log.LogEndOffset - 1}; {fetchOffset} is not among them.",
        ErrorCode.KafkaStorageError => $"{Name}: {StatusMessage}",
        _ => $"{Name}: {error.Describe()}",
    };
}

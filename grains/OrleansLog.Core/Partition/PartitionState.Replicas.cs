using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

public sealed partial class PartitionState<TTicket>
{
    /// <summary>Whether a follower may fetch from an offset, and whether its history is still the leader's.</summary>
    /// <param name="brokerId">The broker that follows; one that is not assigned here gets <see cref="ErrorCode.UnknownLeaderEpoch"/>, for this leader's metadata may be behind.</param>
    /// <param name="brokerEpoch">Its broker epoch.</param>
    /// <param name="currentLeaderEpoch">The leader epoch that it follows.</param>
    /// <param name="lastFetchedEpoch">Epoch of the last record in its log, or -1 for an empty one.</param>
    /// <param name="fetchOffset">Its log end offset.</param>
    /// <param name="history">The leader's own history.</param>
    /// <param name="diverging">Where the follower has to go back to; null when it agrees. Such a fetch says nothing of its progress.</param>
    public ErrorCode CheckReplicaFetch(
        int brokerId, long brokerEpoch, int currentLeaderEpoch, int lastFetchedEpoch, long fetchOffset, IEpochHistory history, out DivergingEpoch? diverging)
    {
        ArgumentNullException.ThrowIfNull(history);
        diverging = null;
        var error = CheckLeader(currentLeaderEpoch);
        if (error != ErrorCode.None)
            return error;
        if (Find(brokerId) is not { } follower)
            return ErrorCode.UnknownLeaderEpoch;
        if (brokerEpoch < follower.BrokerEpoch)
            return ErrorCode.NotLeaderOrFollower;

        if (lastFetchedEpoch >= 0)
        {
            error = CheckHistory(lastFetchedEpoch, fetchOffset, history, out diverging);
            if (error != ErrorCode.None || diverging is not null)
                return error;
        }

        return fetchOffset < LogStartOffset || fetchOffset > LogEndOffset ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
    }

    /// <summary>Whether a reader's history is still this log's: the rule for followers, and for consumers that tell the epoch they read last (KIP-595).</summary>
    /// <param name="lastFetchedEpoch">Epoch of the last record that the reader has, from 0.</param>
    /// <param name="fetchOffset">The offset after it.</param>
    /// <param name="history">The history of this log.</param>
    /// <param name="diverging">Where they part; null when they agree.</param>
    public ErrorCode CheckHistory(int lastFetchedEpoch, long fetchOffset, IEpochHistory history, out DivergingEpoch? diverging)
    {
        ArgumentNullException.ThrowIfNull(history);
        diverging = null;
        var (epoch, endOffset) = history.EndOffsetFor(lastFetchedEpoch, LogEndOffset);

        // A follower without records knows of no epoch, which says nothing about the reader: the leader does know.
        if (epoch < 0 || endOffset < 0)
            return Role == PartitionRole.Follower ? ErrorCode.OffsetNotAvailable : ErrorCode.OffsetOutOfRange;

        if (epoch < lastFetchedEpoch || endOffset < fetchOffset)
            diverging = new(epoch, endOffset);

        return ErrorCode.None;
    }

    /// <summary>As a leader: the smallest log start over itself and the followers that are alive; what lies below is gone everywhere.</summary>
    public long LowWatermark
    {
        get
        {
            var low = LogStartOffset;
            foreach (var follower in _followers)
            {
                if (follower.LogStartOffset < low && _brokers is not null && _brokers.IsAlive(follower.BrokerId))
                    low = follower.LogStartOffset;
            }

            return low;
        }
    }

    /// <summary>A follower told where its log starts.</summary>
    /// <returns>True when it was somewhere else before.</returns>
    public bool FollowerStarts(int brokerId, long logStartOffset)
    {
        if (Find(brokerId) is not { } follower || follower.LogStartOffset == logStartOffset)
            return false;

        follower.LogStartOffset = logStartOffset;
        return true;
    }

    /// <summary>The end of a leader epoch in this log, for a replica that compares histories.</summary>
    /// <param name="currentLeaderEpoch">The leader epoch that the replica follows.</param>
    /// <param name="epoch">The epoch it asks about.</param>
    /// <param name="history">The leader's own history.</param>
    /// <param name="end">The largest epoch not above it, with its end; (-1, -1) when it is not known.</param>
    public ErrorCode EndOfEpoch(int currentLeaderEpoch, int epoch, IEpochHistory history, out DivergingEpoch end)
    {
        ArgumentNullException.ThrowIfNull(history);
        end = new(-1, -1);
        var error = CheckLeader(currentLeaderEpoch);
        if (error != ErrorCode.None)
            return error;

        var (found, endOffset) = history.EndOffsetFor(epoch, LogEndOffset);
        end = new(found, endOffset);
        return ErrorCode.None;
    }

    /// <summary>As a follower: what the leader has committed, as far as it is here; it moves back only by truncation.</summary>
    public void LeaderCommitted(long highWatermark, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Role == PartitionRole.Follower)
            CommitUpTo(Math.Min(highWatermark, LogEndOffset), decisions);
    }

    /// <summary>As a follower: the log was cut and ends at <paramref name="logEndOffset"/>.</summary>
    public void Truncated(long logEndOffset)
    {
        LogEndOffset = Math.Min(LogEndOffset, logEndOffset);
        DurableEndOffset = Math.Min(DurableEndOffset, LogEndOffset);
        HighWatermark = Math.Min(HighWatermark, LogEndOffset);
        _uncommitted.Clear();
        _lastUncommitted = null;
        _uncommitted.Enqueue((LogEndOffset, _appendedBytes));
    }

    /// <summary>As a follower: the log was emptied and starts anew at <paramref name="offset"/>.</summary>
    public void Restarted(long offset)
    {
        LogStartOffset = offset;
        LogEndOffset = offset;
        DurableEndOffset = offset;
        HighWatermark = offset;
        _uncommitted.Clear();
        _lastUncommitted = null;
    }
}

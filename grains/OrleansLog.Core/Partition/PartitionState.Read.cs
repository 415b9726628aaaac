using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

public sealed partial class PartitionState<TTicket>
{
    /// <summary>Whether this replica leads under the epoch that the caller knows.</summary>
    /// <param name="currentLeaderEpoch">The leader epoch that the caller knows, or -1 for any.</param>
    public ErrorCode CheckLeader(int currentLeaderEpoch)
    {
        if (currentLeaderEpoch >= 0 && currentLeaderEpoch < LeaderEpoch)
            return ErrorCode.FencedLeaderEpoch;
        if (currentLeaderEpoch >= 0 && currentLeaderEpoch > LeaderEpoch)
            return ErrorCode.UnknownLeaderEpoch;

        return Role switch
        {
            PartitionRole.Leader => ErrorCode.None,
            PartitionRole.Offline => ErrorCode.KafkaStorageError,
            _ => ErrorCode.NotLeaderOrFollower,
        };
    }

    /// <summary>Whether a consumer may read from an offset now; an offset between the high watermark and the log's end reads nothing yet.</summary>
    /// <param name="fetchOffset">First offset wanted.</param>
    /// <param name="currentLeaderEpoch">The leader epoch that the caller knows, or -1.</param>
    /// <param name="allowsFollower">
    /// True when a follower may answer too (KIP-392). It cannot tell an offset above its own high watermark from one that does not exist:
    /// <see cref="ErrorCode.OffsetNotAvailable"/>.
    /// </param>
    public ErrorCode CheckFetch(long fetchOffset, int currentLeaderEpoch, bool allowsFollower = false)
    {
        var error = CheckLeader(currentLeaderEpoch);
        if (error == ErrorCode.NotLeaderOrFollower && allowsFollower && Role == PartitionRole.Follower)
        {
            return fetchOffset < LogStartOffset ? ErrorCode.OffsetOutOfRange
                : fetchOffset > HighWatermark ? ErrorCode.OffsetNotAvailable
                : ErrorCode.None;
        }

        if (error != ErrorCode.None)
            return error;

        return fetchOffset < LogStartOffset || fetchOffset > LogEndOffset ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
    }

    /// <summary>
    /// As a leader: the broker that a consumer had better read from, one of its own rack that is in sync and has the offset (KIP-392); -1 where that is this
    /// one, or there is none.
    /// </summary>
    /// <param name="rack">The consumer's <c>client.rack</c>.</param>
    /// <param name="fetchOffset">First offset wanted.</param>
    public int PreferredReadReplica(string rack, long fetchOffset)
    {
        if (Role != PartitionRole.Leader || _brokers is null || _brokers.RackOf(LocalBrokerId) == rack)
            return -1;

        ReplicaProgress? best = null;
        foreach (var follower in _followers)
        {
            if (follower.IsInIsr && follower.LogEndOffset >= fetchOffset && follower.LogStartOffset >= 0 && follower.LogStartOffset <= fetchOffset
                && follower.LogEndOffset > (best?.LogEndOffset ?? -1) && _brokers.RackOf(follower.BrokerId) == rack && _brokers.IsAlive(follower.BrokerId))
            {
                best = follower;
            }
        }

        return best?.BrokerId ?? -1;
    }

    /// <summary>Whether "latest" can be told: not before the high watermark has reached where this leader epoch began.</summary>
    /// <param name="currentLeaderEpoch">The leader epoch that the caller knows, or -1.</param>
    public ErrorCode CheckLatest(int currentLeaderEpoch)
    {
        var error = CheckLeader(currentLeaderEpoch);
        if (error != ErrorCode.None)
            return error;

        return HighWatermark < EpochStartOffset ? ErrorCode.OffsetNotAvailable : ErrorCode.None;
    }

    /// <summary>Where DeleteRecords may put the log start: only below the high watermark, so nothing uncommitted is deleted.</summary>
    /// <param name="beforeOffset">The offset asked for, or -1 for the high watermark.</param>
    /// <param name="newStartOffset">The offset to move to.</param>
    public ErrorCode CheckDeleteRecords(long beforeOffset, out long newStartOffset)
    {
        newStartOffset = beforeOffset == -1 ? HighWatermark : beforeOffset;
        var error = CheckLeader(-1);
        if (error != ErrorCode.None)
            return error;

        return newStartOffset < 0 || newStartOffset > HighWatermark ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
    }
}

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

namespace OrleansLog.Client;

/// <summary>Which refusals say that the caller's metadata is old.</summary>
internal static class StaleMetadata
{
    public static bool MeansStaleMetadata(this ErrorCode error) => error is
        ErrorCode.NotLeaderOrFollower or ErrorCode.LeaderNotAvailable or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId
        or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch or ErrorCode.ReplicaNotAvailable or ErrorCode.BrokerNotAvailable
        or ErrorCode.KafkaStorageError or ErrorCode.NetworkException or ErrorCode.OffsetNotAvailable or ErrorCode.InconsistentTopicId;
}

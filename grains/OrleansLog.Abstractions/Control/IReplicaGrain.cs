using Orleans.Concurrency;

namespace OrleansLog;

/// <summary>
/// One replica of one partition, pinned to its broker's silo (D1); its key is a <see cref="ReplicaKey"/>. It opens and owns the
/// partition and puts it into the silo's partition table, which the data path uses without passing through the grain.
/// </summary>
[Alias("olog.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>The replica's own view of itself.</summary>
    [Alias("Describe"), AlwaysInterleave]
    Task<ReplicaStatus> DescribeAsync();

    /// <summary>The replica is no longer on this broker: the grain goes, too.</summary>
    [Alias("Leave"), AlwaysInterleave]
    Task LeaveAsync();
}

/// <summary>A replica's own view of itself.</summary>
/// <param name="IsOpen">True when its log is open.</param>
/// <param name="IsLeader">True when it leads.</param>
/// <param name="LeaderEpoch">Leader epoch that it acts under.</param>
/// <param name="LogStartOffset">First offset of the log.</param>
/// <param name="HighWatermark">High watermark.</param>
/// <param name="LogEndOffset">Next offset to be written.</param>
/// <param name="DurableEndOffset">First offset that a power loss could take.</param>
[GenerateSerializer, Immutable, Alias("olog.ReplicaStatus")]
public readonly record struct ReplicaStatus(
    [property: Id(0)] bool IsOpen,
    [property: Id(1)] bool IsLeader,
    [property: Id(2)] int LeaderEpoch,
    [property: Id(3)] long LogStartOffset,
    [property: Id(4)] long HighWatermark,
    [property: Id(5)] long LogEndOffset,
    [property: Id(6)] long DurableEndOffset);

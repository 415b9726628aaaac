using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>Leaders of one broker ask the controller for other ISRs.</summary>
/// <param name="BrokerId"><c>node.id</c> of the broker that leads.</param>
/// <param name="BrokerEpoch">Broker epoch of its registration.</param>
/// <param name="Partitions">One entry for each partition.</param>
[GenerateSerializer, Immutable, Alias("olog.IsrChanges")]
public sealed record IsrChanges(
    [property: Id(0)] int BrokerId,
    [property: Id(1)] long BrokerEpoch,
    [property: Id(2)] PartitionIsrChange[] Partitions);

/// <summary>The ISR that one leader asks for.</summary>
/// <param name="TopicId">Topic id.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="LeaderEpoch">Leader epoch that the broker leads under.</param>
/// <param name="PartitionEpoch">Partition epoch that the change rests on.</param>
/// <param name="NewIsr">Who shall be in the ISR, the leader among them.</param>
[GenerateSerializer, Immutable, Alias("olog.PartitionIsrChange")]
public sealed record PartitionIsrChange(
    [property: Id(0)] Guid TopicId,
    [property: Id(1)] int Partition,
    [property: Id(2)] int LeaderEpoch,
    [property: Id(3)] int PartitionEpoch,
    [property: Id(4)] IsrReplica[] NewIsr)
{
    /// <summary>Replicas that have lost what they had acknowledged: they leave ISR and ELR.</summary>
    [Id(5)] public int[] Lost { get; init; } = [];
}

/// <summary>A replica that a leader wants in the ISR.</summary>
/// <param name="BrokerId">Broker that holds it.</param>
/// <param name="BrokerEpoch">Its broker epoch, as its own fetches tell it (KIP-903).</param>
[GenerateSerializer, Immutable, Alias("olog.IsrReplica")]
public readonly record struct IsrReplica([property: Id(0)] int BrokerId, [property: Id(1)] long BrokerEpoch);

/// <summary>The controller's answer to <see cref="IsrChanges"/>.</summary>
/// <param name="Error">
/// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.StaleBrokerEpoch"/> or <see cref="ErrorCode.NotController"/>; otherwise than with none, no
/// partition is answered and none may be rolled back.
/// </param>
/// <param name="ControllerEpoch">Epoch of the controller that answers; lower than one already seen: ignore the answer.</param>
/// <param name="Partitions">What became of each, in the order of the request.</param>
[GenerateSerializer, Immutable, Alias("olog.IsrChangeResults")]
public sealed record IsrChangeResults(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] long ControllerEpoch,
    [property: Id(2)] PartitionIsrResult[] Partitions)
{
    /// <summary>Metadata version that the answer rests on.</summary>
    [Id(3)] public long Version { get; init; } = -1;
}

/// <summary>What became of one <see cref="PartitionIsrChange"/>, and the state of the partition after it.</summary>
[GenerateSerializer, Immutable, Alias("olog.PartitionIsrResult")]
public sealed record PartitionIsrResult
{
    /// <summary>Topic id.</summary>
    [Id(0)] public required Guid TopicId { get; init; }

    /// <summary>Partition number.</summary>
    [Id(1)] public required int Partition { get; init; }

    /// <summary>
    /// <see cref="ErrorCode.None"/>; <see cref="ErrorCode.NewLeaderElected"/>: applied, and leader or leader epoch changed with it;
    /// <see cref="ErrorCode.IneligibleReplica"/>: not applied; <see cref="ErrorCode.FencedLeaderEpoch"/>, <see cref="ErrorCode.InvalidUpdateVersion"/>,
    /// <see cref="ErrorCode.NotController"/>, <see cref="ErrorCode.InvalidRequest"/>, <see cref="ErrorCode.UnknownTopicOrPartition"/>: wait for metadata.
    /// </summary>
    [Id(2)] public ErrorCode Error { get; init; }

    /// <summary>Broker that leads, or -1; -1 also where there is no such partition.</summary>
    [Id(3)] public int LeaderId { get; init; } = -1;

    /// <summary>Leader epoch, or -1.</summary>
    [Id(4)] public int LeaderEpoch { get; init; } = -1;

    /// <summary>Partition epoch, or -1.</summary>
    [Id(5)] public int PartitionEpoch { get; init; } = -1;

    /// <summary>Replicas in sync.</summary>
    [Id(6)] public int[] Isr { get; init; } = [];

    /// <summary>All replicas, preferred leader first.</summary>
    [Id(7)] public int[] Replicas { get; init; } = [];

    /// <summary>Replicas that a reassignment adds.</summary>
    [Id(8)] public int[] Adding { get; init; } = [];

    /// <summary>Replicas out of the ISR that may be elected all the same.</summary>
    [Id(9)] public int[] Elr { get; init; } = [];
}

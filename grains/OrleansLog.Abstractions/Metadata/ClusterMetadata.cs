using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>What a client needs to know to find leaders, at one metadata version.</summary>
[GenerateSerializer, Immutable, Alias("olog.ClusterMetadata")]
public sealed record ClusterMetadata
{
    /// <summary>Id of the cluster: 22 characters, as Kafka writes uuids.</summary>
    [Id(0)] public required string ClusterId { get; init; }

    /// <summary>Metadata version that the answering broker has applied.</summary>
    [Id(1)] public long Version { get; init; }

    /// <summary>Broker that hosts the active controller, or -1.</summary>
    [Id(2)] public int ControllerId { get; init; } = -1;

    /// <summary>Registered brokers; without the fenced ones, unless they were asked for.</summary>
    [Id(3)] public BrokerDescription[] Brokers { get; init; } = [];

    /// <summary>The topics asked for, in the order asked, or all by name.</summary>
    [Id(4)] public TopicDescription[] Topics { get; init; } = [];
}

/// <summary>A registered broker.</summary>
[GenerateSerializer, Immutable, Alias("olog.BrokerDescription")]
public sealed record BrokerDescription
{
    /// <summary><c>node.id</c>.</summary>
    [Id(0)] public int Id { get; init; }

    /// <summary>Host of its public listener; empty while it has none.</summary>
    [Id(1)] public string Host { get; init; } = "";

    /// <summary>Port of its public listener, or 0.</summary>
    [Id(2)] public int Port { get; init; }

    /// <summary><c>broker.rack</c>.</summary>
    [Id(3)] public string? Rack { get; init; }

    /// <summary>Silo that it runs on, as Orleans writes silo addresses.</summary>
    [Id(4)] public string SiloAddress { get; init; } = "";

    /// <summary>Broker epoch: the metadata version of its registration.</summary>
    [Id(5)] public long Epoch { get; init; }

    /// <summary>Fenced brokers lead nothing.</summary>
    [Id(6)] public bool IsFenced { get; init; }

    /// <summary>True while it hands its leaderships over before it stops. Kafka's protocol does not tell: false there.</summary>
    [Id(7)] public bool IsShuttingDown { get; init; }
}

/// <summary>A topic.</summary>
[GenerateSerializer, Immutable, Alias("olog.TopicDescription")]
public sealed record TopicDescription
{
    /// <summary><see cref="ErrorCode.None"/>, <see cref="ErrorCode.UnknownTopicOrPartition"/> or <see cref="ErrorCode.InvalidTopicException"/>.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Topic name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Topic id.</summary>
    [Id(2)] public Guid TopicId { get; init; }

    /// <summary>Kept by the brokers for themselves, as <c>__consumer_offsets</c> is.</summary>
    [Id(3)] public bool IsInternal { get; init; }

    /// <summary>Its partitions, by number.</summary>
    [Id(4)] public PartitionDescription[] Partitions { get; init; } = [];
}

/// <summary>A partition.</summary>
[GenerateSerializer, Immutable, Alias("olog.PartitionDescription")]
public sealed record PartitionDescription
{
    /// <summary><see cref="ErrorCode.None"/> or <see cref="ErrorCode.LeaderNotAvailable"/>.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Partition number, from 0.</summary>
    [Id(1)] public int Partition { get; init; }

    /// <summary>Broker that leads it, or -1.</summary>
    [Id(2)] public int LeaderId { get; init; } = -1;

    /// <summary>Epoch of that leadership.</summary>
    [Id(3)] public int LeaderEpoch { get; init; }

    /// <summary>Version of the partition's state; rises with every change.</summary>
    [Id(4)] public int PartitionEpoch { get; init; }

    /// <summary>Brokers that hold it, preferred leader first.</summary>
    [Id(5)] public int[] Replicas { get; init; } = [];

    /// <summary>Replicas that are in sync.</summary>
    [Id(6)] public int[] Isr { get; init; } = [];

    /// <summary>Replicas that may lead though they left the ISR (KIP-966).</summary>
    [Id(7)] public int[] EligibleLeaderReplicas { get; init; } = [];

    /// <summary>Replicas whose broker or directory is offline.</summary>
    [Id(8)] public int[] OfflineReplicas { get; init; } = [];
}

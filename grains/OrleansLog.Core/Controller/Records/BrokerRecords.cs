using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>A broker registered. Its broker epoch is the metadata version that holds this record.</summary>
public sealed record BrokerRecord : MetadataRecord
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>Broker epoch.</summary>
    public required long Epoch { get; init; }

    /// <summary>New with every start of the process.</summary>
    public required Guid IncarnationId { get; init; }

    /// <summary>Silo that it runs on, as Orleans writes silo addresses.</summary>
    public required string SiloAddress { get; init; }

    /// <summary>Its listeners.</summary>
    public ImmutableArray<EndpointImage> Endpoints { get; init; } = [];

    /// <summary><c>broker.rack</c>.</summary>
    public string? Rack { get; init; }

    /// <summary>Ids of the log directories that are online, in their configured order.</summary>
    public ImmutableArray<Guid> Directories { get; init; } = [];

    /// <summary>Fenced brokers lead nothing.</summary>
    public bool Fenced { get; init; } = true;

    /// <summary>True while it hands its leaderships over before it stops.</summary>
    public bool ShuttingDown { get; init; }
}

/// <summary>Something about a registered broker changed; what is null stays.</summary>
public sealed record BrokerChangeRecord : MetadataRecord
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>Broker epoch of the registration that changes.</summary>
    public required long Epoch { get; init; }

    /// <summary>Fences or unfences it.</summary>
    public bool? Fenced { get; init; }

    /// <summary>Starts or ends a controlled shutdown.</summary>
    public bool? ShuttingDown { get; init; }

    /// <summary>The directories that are online now.</summary>
    public ImmutableArray<Guid>? Directories { get; init; }
}

/// <summary>A broker was taken out of the cluster for good.</summary>
/// <param name="Id"><c>node.id</c>.</param>
/// <param name="Epoch">Broker epoch of the registration that goes.</param>
public sealed record BrokerRemovedRecord(int Id, long Epoch) : MetadataRecord;

using System.Collections.Immutable;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Controller;

/// <summary>A listener of a broker.</summary>
/// <param name="Name">Listener name, such as <c>PLAINTEXT</c>.</param>
/// <param name="Host">Advertised host.</param>
/// <param name="Port">Advertised port.</param>
/// <param name="Protocol">Security protocol, such as <c>PLAINTEXT</c>.</param>
public sealed record EndpointImage(string Name, string Host, int Port, string Protocol);

/// <summary>A registered broker.</summary>
public sealed record BrokerImage
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>Broker epoch: the metadata version of its registration.</summary>
    public required long Epoch { get; init; }

    /// <summary>New with every start of the process.</summary>
    public required Guid IncarnationId { get; init; }

    /// <summary>Silo that it runs on, as Orleans writes silo addresses.</summary>
    public required string SiloAddress { get; init; }

    /// <summary>Its listeners, that for the other brokers among them.</summary>
    public ImmutableArray<EndpointImage> Endpoints { get; init; } = [];

    /// <summary>Where clients that know no listener's name are sent: its first listener for clients, or null.</summary>
    public EndpointImage? PublicEndpoint => Endpoints.FirstOrDefault(endpoint => endpoint.Name != ListenerSetting.ReplicationName);

    /// <summary>Where the other brokers fetch from it (D13), or null.</summary>
    public EndpointImage? ReplicationEndpoint => Endpoints.FirstOrDefault(endpoint => endpoint.Name == ListenerSetting.ReplicationName);

    /// <summary><c>broker.rack</c>.</summary>
    public string? Rack { get; init; }

    /// <summary>Ids of the log directories that are online, in their configured order.</summary>
    public ImmutableArray<Guid> Directories { get; init; } = [];

    /// <summary>Fenced brokers lead nothing and are in no ISR.</summary>
    public bool Fenced { get; init; } = true;

    /// <summary>True while it hands its leaderships over before it stops.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>True when it may lead: neither fenced nor on its way out.</summary>
    public bool IsActive => !Fenced && !ShuttingDown;

    /// <summary>True when a replica assigned to that directory can be served.</summary>
    public bool IsOnline(Guid directoryId) => directoryId == DirectoryIds.Unassigned || Directories.Contains(directoryId);
}

/// <summary>Directory ids with a meaning of their own, as Kafka has them.</summary>
public static class DirectoryIds
{
    /// <summary>The broker has not said yet where the replica lies.</summary>
    public static readonly Guid Unassigned;

    /// <summary>The replica's directory is known to be gone.</summary>
    public static readonly Guid Lost = new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], bigEndian: true);
}

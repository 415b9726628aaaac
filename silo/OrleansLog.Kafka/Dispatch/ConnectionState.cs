using System.Net;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Replication;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>What is known about a connection, and what a client told of itself on it.</summary>
internal sealed class ConnectionState
{
    /// <summary>Name of the listener that it came to.</summary>
    public required string ListenerName { get; init; }

    /// <summary>The client's address.</summary>
    public required EndPoint Remote { get; init; }

    /// <summary>The address of ours that the client reached.</summary>
    public required IPEndPoint Local { get; init; }

    /// <summary>Ends when the client is gone or the broker stops.</summary>
    public required CancellationToken Aborted { get; init; }

    /// <summary>The listener's log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The broker at the other end, at the replication listener; else null.</summary>
    public ReplicaPeer? Peer { get; set; }

    /// <summary>What the client called itself in its last request; null before the first.</summary>
    public string? ClientId { get; set; }

    /// <summary>Name of the client's library, from ApiVersions 3 on.</summary>
    public string? ClientSoftwareName { get; set; }

    /// <summary>Its version.</summary>
    public string? ClientSoftwareVersion { get; set; }
}

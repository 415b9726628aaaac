namespace OrleansLog.Core.Configuration;

/// <summary>One entry of <c>listeners</c>, with what clients are told about it.</summary>
public sealed record ListenerSetting
{
    /// <summary>The name under which a broker's port for the other brokers is registered; no listener for clients can have it.</summary>
    public const string ReplicationName = "REPLICATION";

    /// <summary>Listener name, such as <c>PLAINTEXT</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its security protocol, by <c>listener.security.protocol.map</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Address or host name to listen on; empty for all addresses.</summary>
    public required string Host { get; init; }

    /// <summary>Port; 0 for a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Host of <c>advertised.listeners</c>; <c>null</c> derives it from where the broker listens.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>Port of <c>advertised.listeners</c>; 0 for the one that the broker listens on.</summary>
    public int AdvertisedPort { get; init; }

    /// <summary>True when it listens on every address of the machine.</summary>
    public bool IsWildcard => Host is "" or "0.0.0.0" or "::" or "*";
}

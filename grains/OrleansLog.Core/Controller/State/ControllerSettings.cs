using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Controller;

/// <summary>What the controller's rules depend on besides the metadata itself.</summary>
public sealed record ControllerSettings
{
    /// <summary>The configuration of the broker that hosts the controller: defaults for topics, session timeout.</summary>
    public required BrokerConfig Config { get; init; }

    /// <summary>Gives a new random id for each topic.</summary>
    public required Func<Guid> NewId { get; init; }

    /// <summary>How long a broker's session lives without a heartbeat.</summary>
    public long SessionTimeoutMs => Config.SessionTimeoutMs;
}

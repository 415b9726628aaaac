namespace OrleansLog.Core.Controller;

/// <summary>Why a broker was fenced.</summary>
public enum FencingReason : byte
{
    /// <summary>Its session ran out.</summary>
    SessionExpired,

    /// <summary>Orleans declared its silo dead.</summary>
    SiloDied,

    /// <summary>Its silo hosted the controller, and does not answer.</summary>
    SiloSilent,

    /// <summary>Another broker could not reach it.</summary>
    Unreachable,

    /// <summary>It stops, and the others know.</summary>
    Stopped,

    /// <summary>It asked not to lead.</summary>
    Asked,
}

/// <summary>A broker was fenced, and what became of the partitions that it led.</summary>
/// <param name="BrokerId">The broker.</param>
/// <param name="Reason">Why.</param>
/// <param name="ReporterId">The broker that could not reach it, or -1.</param>
/// <param name="MovedLeaders">Partitions that another replica leads now.</param>
/// <param name="LostLeaders">Partitions that nobody leads now.</param>
public readonly record struct BrokerFencing(int BrokerId, FencingReason Reason, int ReporterId, int MovedLeaders, int LostLeaders);

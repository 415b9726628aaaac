using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// This silo's membership in the cluster as a broker: registers with the controller when the silo becomes active, keeps the
/// session alive, and feeds <see cref="MetadataCache"/> from the same call (D11).
/// </summary>
/// <remarks>When the silo stops, the session first asks the controller to move what this broker leads.</remarks>
public sealed partial class BrokerSession : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly MetadataCache _cache;
    private readonly IBrokerSessionHost _host;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly TimeProvider _time;
    private readonly ILogger<BrokerSession> _logger;

    /// <summary>Creates the session; the silo's lifecycle starts it.</summary>
    public BrokerSession(
        MetadataCache cache,
        IBrokerSessionHost host,
        IGrainFactory grains,
        ILocalSiloDetails silo,
        TimeProvider time,
        ILogger<BrokerSession> logger)
    {
        _cache = cache;
        _host = host;
        _grains = grains;
        _silo = silo;
        _time = time;
        _logger = logger;
    }

    /// <summary>Broker epoch of the registration, or -1 before it.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>True until the controller has let this broker lead.</summary>
    public bool IsFenced { get; private set; } = true;

    /// <summary>Tells the controller that directories failed; their replicas move or go offline (S8).</summary>
    public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => throw new NotImplementedException();
}

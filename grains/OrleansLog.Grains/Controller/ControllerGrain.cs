using Microsoft.Extensions.Logging;
using Orleans.GrainDirectory;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Placement;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// The cluster's controller (D2): one movable grain. That there is only one does not rest on Orleans but on the metadata log, so
/// a second activation steps down as soon as it meets the first one's writes.
/// </summary>
[ControllerPlacement, GrainDirectory(PinnedGrainDirectory.Name), KeepAlive, Immovable]
[GrainType(TypeName)]
internal sealed partial class ControllerGrain : Grain, IControllerGrain, IAsyncDisposable
{
    /// <summary>What Orleans knows the class by.</summary>
    public const string TypeName = "olog.controller";

    private readonly ControllerShell _shell;
    private readonly IClusterMembershipService _membership;
    private readonly ILocalSiloDetails _silo;
    private readonly ControllerMetrics _metrics;
    private readonly MetadataLogFailures _failures;
    private readonly TimeProvider _time;
    private readonly int _sessionTimeoutMs;
    private readonly CancellationTokenSource _deactivating = new();
    private readonly ControllerDeparture _departure;
    private readonly ControllerClaim _claim;
    private CancellationTokenRegistration _leaving;
    private Task _watching = Task.CompletedTask;

    /// <summary>Creates the grain; Orleans does.</summary>
    public ControllerGrain(
        IMetadataLog log,
        BrokerConfig config,
        IClusterMembershipService membership,
        ILocalSiloDetails silo,
        TimeProvider time,
        ControllerMetrics metrics,
        MetadataLogFailures failures,
        ControllerDeparture departure,
        ControllerClaim claim,
        ILogger<ControllerGrain> logger)
    {
        _shell = new ControllerShell(log, new ControllerSettings { Config = config, NewId = Guid.NewGuid }, time, logger, failures);
        _membership = membership;
        _silo = silo;
        _metrics = metrics;
        _failures = failures;
        _departure = departure;
        _claim = claim;
        _time = time;
        _sessionTimeoutMs = config.SessionTimeoutMs;
    }

    /// <inheritdoc/>
    public Task<ControllerStanding> PingAsync()
    {
        var (epoch, silo) = _shell.Predecessor;
        return Task.FromResult(_shell.IsActive
            ? new ControllerStanding(_shell.ControllerEpoch, _shell.ControllerEpoch, _silo.SiloAddress.ToParsableString())
            : new ControllerStanding(-1, epoch, silo));
    }

    /// <inheritdoc/>
    public Task<BrokerRegistrationResult> RegisterBrokerAsync(BrokerRegistration registration) => OrNotControllerAsync(
        async () =>
        {
            StepDownIfSuperseded(registration.KnownControllerEpoch);
            var request = registration.ToRequest(SiloIsDead(registration.NodeId));
            var answer = await _shell.DecideAsync((state, nowMs) => state.RegisterBroker(request, nowMs));
            return new BrokerRegistrationResult
            {
                Error = answer.Error,
                Message = answer.Message,
                BrokerEpoch = answer.BrokerEpoch,
                ClusterId = _shell.Committed.ClusterId,
                ControllerEpoch = _shell.ControllerEpoch,
                SessionTimeoutMs = _sessionTimeoutMs,
                LastContactAgeMs = answer.LastContactAgeMs,
            };
        },
        message => new BrokerRegistrationResult { Error = ErrorCode.NotController, Message = message });

    /// <inheritdoc/>
    public Task<BrokerHeartbeatResult> HeartbeatAsync(BrokerHeartbeat heartbeat) => OrNotControllerAsync(
        async () =>
        {
            StepDownIfSuperseded(heartbeat.KnownControllerEpoch);
            var request = heartbeat.ToRequest();
            var answer = await _shell.DecideAsync((state, nowMs) => state.BrokerAlive(request, nowMs));
            var mayWait = answer.Error == ErrorCode.None && !answer.MayShutDown;
            var page = await _shell.TailAsync(heartbeat.AppliedVersion, mayWait ? Wait(heartbeat.MaxWaitMs) : TimeSpan.Zero);
            return new BrokerHeartbeatResult
            {
                Error = answer.Error,
                Message = answer.Message,
                IsFenced = answer.IsFenced,
                MayShutDown = answer.MayShutDown,
                ControllerEpoch = _shell.ControllerEpoch,
                Snapshot = page.Snapshot,
                Entries = page.Entries,
            };
        },
        message => new BrokerHeartbeatResult { Error = ErrorCode.NotController, Message = message });

    /// <inheritdoc/>
    public Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments)
    {
        var replicas = assignments.Assignments.ToRequest();
        return OrNotControllerAsync(
            () => _shell.DecideAsync((state, _) => state.AssignDirectories(assignments.NodeId, assignments.BrokerEpoch, replicas)),
            _ => ErrorCode.NotController);
    }

    /// <inheritdoc/>
    public Task<ProducerIdBlock> AllocateProducerIdsAsync(int brokerId, long brokerEpoch) => OrNotControllerAsync(
        async () =>
        {
            var (error, firstId, message) = await _shell.DecideAsync((state, _) => state.AllocateProducerIds(brokerId, brokerEpoch));
            return new ProducerIdBlock(error, firstId, error == ErrorCode.None ? ControllerState.ProducerIdBlockSize : 0, message);
        },
        message => new ProducerIdBlock(ErrorCode.NotController, -1, 0, message));

    private static async Task<T> OrNotControllerAsync<T>(Func<Task<T>> answer, Func<string, T> notController)
    {
        try
        {
            return await answer();
        }
        catch (ControllerSteppedDownException e)
        {
            return notController(e.Message);
        }
    }

    /// <summary>How long a call may wait for news.</summary>
    private TimeSpan Wait(int maxWaitMs) => TimeSpan.FromMilliseconds(Math.Clamp(maxWaitMs, 0, Math.Min(_sessionTimeoutMs / 3, GrainCalls.WaitMsMax)));

    private void StepDownIfSuperseded(long knownControllerEpoch)
    {
        if (knownControllerEpoch > _shell.ControllerEpoch)
        {
            _shell.StepDown($"a broker has seen controller epoch {knownControllerEpoch}, this is {_shell.ControllerEpoch}");
        }
    }

    /// <summary>What membership says of the silo that registered a broker. It makes a takeover or a fencing sooner; it is the broker epoch that makes it safe (S11).</summary>
    private bool SiloIsDead(int nodeId) =>
        _shell.Committed.FindBroker(nodeId) is { } broker
        && (!SiloNames.TryParse(broker.SiloAddress, out var silo) || _membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None);
}

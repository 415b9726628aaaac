using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// The place in the cluster of a silo that may host the controller and is no broker: it tells the controller, which may be on this very silo, that it
/// is there, and feeds <see cref="MetadataCache"/> from the same call. A <c>node.id</c> that is another's fails the silo's start, or stops the application later.
/// </summary>
public sealed partial class CandidateSession : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly MetadataCache _cache;
    private readonly BrokerConfig _config;
    private readonly ILocalSiloDetails _silo;
    private readonly TimeProvider _time;
    private readonly ILogger<CandidateSession> _logger;
    private readonly ControllerLink _controller;
    private readonly Guid _incarnationId = Guid.NewGuid();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _joinedEpoch = -1;
    private long _heardAt;
    private volatile int _sessionTimeoutMs;
    private Task _loop = Task.CompletedTask;

    /// <summary>Creates the session; the silo's lifecycle starts it.</summary>
    public CandidateSession(
        MetadataCache cache,
        BrokerConfig config,
        ControllerCalls controllerCalls,
        ILocalSiloDetails silo,
        IHostApplicationLifetime application,
        TimeProvider time,
        ILogger<CandidateSession> logger)
    {
        _cache = cache;
        _config = config;
        _silo = silo;
        _time = time;
        _logger = logger;
        _controller = new ControllerLink(controllerCalls, cache, application, time);
    }

    /// <summary>Completes when a controller has first answered: the silo is one of the cluster.</summary>
    public Task Joined => _joined.Task;

    /// <summary>Whether a controller has answered within the time of a session.</summary>
    public bool IsInTouch => _joined.Task.IsCompletedSuccessfully && _time.GetElapsedTime(Interlocked.Read(ref _heardAt)).TotalMilliseconds < _sessionTimeoutMs;

    /// <summary>Why this silo cannot go on and has asked the application to stop; null while it can.</summary>
    public Exception? Failure => _controller.Failure;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(CandidateSession), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _controller.JoinAsync(
            $"controller {_config.NodeId} heard of no active controller",
            async () =>
            {
                var result = await AskAsync(TimeSpan.Zero, cancellationToken);
                return new(result.Error, result.Message, result.LastContactAgeMs);
            },
            TellNotHeard,
            cancellationToken);
        LogJoined(_logger, _config.NodeId, _cache.Current.ClusterId);
        _joined.TrySetResult();
        _loop = _controller.RunAsync(BeatAsync, TellNotHeard, TellGivenUp, _stopping.Token);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> BeatAsync(CancellationToken cancellationToken)
    {
        var result = await AskAsync(TimeSpan.FromMilliseconds(_sessionTimeoutMs / 3), cancellationToken);
        return result.Error switch
        {
            ErrorCode.None => true,
            ErrorCode.NotController => false,
            _ => throw new BrokerRegistrationException(result.Error, result.Message ?? result.Error.ToString()),
        };
    }

    /// <summary>One call; what a controller says that was replaced meanwhile is the same as NOT_CONTROLLER.</summary>
    private async Task<CandidateHeartbeatResult> AskAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var heartbeat = new CandidateHeartbeat
        {
            NodeId = _config.NodeId,
            IncarnationId = _incarnationId,
            SiloAddress = _silo.SiloAddress.ToParsableString(),
            AppliedVersion = _cache.Version,
            KnownControllerEpoch = _controller.Epoch,
            MaxWaitMs = (int)maxWait.TotalMilliseconds,
            JoinedEpoch = _joinedEpoch,
        };
        var result = await _controller.AskAsync(controller => controller.StandByAsync(heartbeat), cancellationToken);
        if (!_controller.IsHeard(result.Error, result.ControllerEpoch))
        {
            return result with { Error = ErrorCode.NotController };
        }

        if (result.Error == ErrorCode.None)
        {
            MetadataFeed.Apply(_cache, result.Snapshot, result.Entries);
            _joinedEpoch = result.JoinedEpoch;
            _sessionTimeoutMs = result.SessionTimeoutMs;
            Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        }

        return result;
    }

    private void TellNotHeard(Exception failure) => LogNotHeard(_logger, _config.NodeId, failure);

    private void TellGivenUp(Exception reason) => LogCannotGoOn(_logger, reason.Message, reason);

    [LoggerMessage(1210, LogLevel.Information, "Controller {NodeId} is one of cluster {ClusterId}")]
    private static partial void LogJoined(ILogger logger, int nodeId, string clusterId);

    [LoggerMessage(1211, LogLevel.Warning, "Controller {NodeId} could not reach the active controller; it tries again")]
    private static partial void LogNotHeard(ILogger logger, int nodeId, Exception exception);

    [LoggerMessage(1212, LogLevel.Critical, "This controller cannot go on and stops: {Reason}")]
    private static partial void LogCannotGoOn(ILogger logger, string reason, Exception exception);
}

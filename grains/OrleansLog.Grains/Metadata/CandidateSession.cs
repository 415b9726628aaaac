using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// The place in the cluster of a silo that may host the controller and is no broker: it tells the controller, which may be on this very silo, that it
/// is there, and feeds <see cref="MetadataCache"/> from the same call. A <c>node.id</c> that is another's fails the silo's start, or stops the application later.
/// </summary>
public sealed partial class CandidateSession : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly MetadataCache _cache;
    private readonly BrokerConfig _config;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly IHostApplicationLifetime _application;
    private readonly TimeProvider _time;
    private readonly ILogger<CandidateSession> _logger;
    private readonly SeenController _controller;
    private readonly Complaints _complaints;
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
        IGrainFactory grains,
        ILocalSiloDetails silo,
        IHostApplicationLifetime application,
        TimeProvider time,
        ILogger<CandidateSession> logger)
    {
        _cache = cache;
        _config = config;
        _grains = grains;
        _silo = silo;
        _application = application;
        _time = time;
        _logger = logger;
        _controller = new SeenController(cache);
        _complaints = new Complaints(time);
    }

    /// <summary>Completes when a controller has first answered: the silo is one of the cluster.</summary>
    public Task Joined => _joined.Task;

    /// <summary>Whether a controller has answered within the time of a session.</summary>
    public bool IsInTouch => _joined.Task.IsCompletedSuccessfully && _time.GetElapsedTime(Interlocked.Read(ref _heardAt)).TotalMilliseconds < _sessionTimeoutMs;

    /// <summary>Why this silo cannot go on and has asked the application to stop; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(CandidateSession), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await JoinAsync(cancellationToken);
        LogJoined(_logger, _config.NodeId, _cache.Current.ClusterId);
        _joined.TrySetResult();
        _loop = RunAsync();
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Waits out a controller that moves, and a predecessor with the same id that was killed a moment ago.</summary>
    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            var elapsed = _time.GetElapsedTime(began);
            Exception? last = null;
            try
            {
                var result = await AskAsync(TimeSpan.Zero, cancellationToken);
                if (result.Error == ErrorCode.None)
                {
                    return;
                }

                last = Refused(result);
                if (result.Error != ErrorCode.NotController && !BrokerSession.MayWaitOut(result.Error, result.LastContactAgeMs, elapsed))
                {
                    throw last;
                }
            }
            catch (Exception e) when (e is not (OperationCanceledException or BrokerRegistrationException))
            {
                BrokerSession.ThrowIfUnreadable(e);
                last = e;
                TellNotHeard(e);
            }

            if (elapsed > BrokerSession.RegistrationTimeout)
            {
                throw new BrokerRegistrationException(
                    ErrorCode.RequestTimedOut, $"controller {_config.NodeId} heard of no active controller within {BrokerSession.RegistrationTimeout.TotalSeconds:0} s: {last.Message}", last);
            }

            await Task.Delay(RetryDelay, _time, cancellationToken);
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var result = await AskAsync(TimeSpan.FromMilliseconds(_sessionTimeoutMs / 3), _stopping.Token);
                if (result.Error == ErrorCode.None)
                {
                    continue;
                }

                if (result.Error != ErrorCode.NotController)
                {
                    throw Refused(result);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is BrokerRegistrationException or MetadataFormatException)
            {
                LogCannotGoOn(_logger, e.Message, e);
                Failure = e;
                _application.StopApplication();
                return;
            }
            catch (Exception e)
            {
                TellNotHeard(e);
            }

            await Task.Delay(RetryDelay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
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
        var result = await _grains.AskControllerAsync(controller => controller.StandByAsync(heartbeat)).WaitAsync(cancellationToken);
        if (result.Error == ErrorCode.NotController || !_controller.Accepts(result.ControllerEpoch))
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

    private void TellNotHeard(Exception failure)
    {
        if (_complaints.TryPass(out _))
        {
            LogNotHeard(_logger, _config.NodeId, failure);
        }
    }

    private static BrokerRegistrationException Refused(CandidateHeartbeatResult result) => new(result.Error, result.Message ?? result.Error.ToString());

    [LoggerMessage(1210, LogLevel.Information, "Controller {NodeId} is one of cluster {ClusterId}")]
    private static partial void LogJoined(ILogger logger, int nodeId, string clusterId);

    [LoggerMessage(1211, LogLevel.Warning, "Controller {NodeId} could not reach the active controller; it tries again")]
    private static partial void LogNotHeard(ILogger logger, int nodeId, Exception exception);

    [LoggerMessage(1212, LogLevel.Critical, "This controller cannot go on and stops: {Reason}")]
    private static partial void LogCannotGoOn(ILogger logger, string reason, Exception exception);
}

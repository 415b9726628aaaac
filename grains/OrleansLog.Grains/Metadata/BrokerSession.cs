using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// This silo's membership in the cluster as a broker: registers with the controller when the silo becomes active, keeps the
/// session alive, and feeds <see cref="MetadataCache"/> from the same call (D11).
/// </summary>
/// <remarks>
/// When the silo stops, the session first asks the controller to move what this broker leads. A registration that is refused fails
/// the silo's start; one that is refused later stops the application.
/// </remarks>
public sealed partial class BrokerSession : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan UnfenceTimeout = TimeSpan.FromSeconds(5);

    private readonly MetadataCache _cache;
    private readonly IBrokerSessionHost _host;
    private readonly ILocalSiloDetails _silo;
    private readonly TimeProvider _time;
    private readonly ILogger<BrokerSession> _logger;
    private readonly ControllerLink _controller;
    private readonly Guid _incarnationId = Guid.NewGuid();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _unfenced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayShutDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _registering = new(1, 1);
    private readonly Channel<bool> _urgent = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ImmutableHashSet<Guid> _offlineDirectories = [];
    private int _sessionTimeoutMs;
    private volatile bool _wantsFence;
    private volatile bool _wantsShutdown;
    private BrokerRegistration? _registration;
    private Task _loop = Task.CompletedTask;

    /// <summary>Creates the session; the silo's lifecycle starts it.</summary>
    public BrokerSession(
        MetadataCache cache,
        IBrokerSessionHost host,
        ControllerCalls controllerCalls,
        ILocalSiloDetails silo,
        IHostApplicationLifetime application,
        TimeProvider time,
        ILogger<BrokerSession> logger)
    {
        _cache = cache;
        _host = host;
        _silo = silo;
        _time = time;
        _logger = logger;
        _controller = new ControllerLink(controllerCalls, cache, application, time);
    }

    /// <summary>Broker epoch of the registration, or -1 before it.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>True until the controller has let this broker lead.</summary>
    public bool IsFenced { get; private set; } = true;

    /// <summary>Why this broker cannot go on and has asked the application to stop; null while it can.</summary>
    public Exception? Failure => _controller.Failure;

    /// <summary>Completes when the controller first lets this broker lead.</summary>
    public Task Unfenced => _unfenced.Task;

    /// <summary>Completes when the broker has handed over what it led, or has given up on that, and sends no more heartbeats.</summary>
    public Task Left => _left.Task;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(BrokerSession), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    /// <summary>Tells the controller at once that directories failed; their replicas move or go offline (S8).</summary>
    public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds)
    {
        ImmutableInterlocked.Update(ref _offlineDirectories, static (known, ids) => known.Union(ids), directoryIds);
        _urgent.Writer.TryWrite(true);
    }

    /// <summary>Asks the controller not to let this broker lead, or to let it again.</summary>
    public void RequestFence(bool wanted)
    {
        _wantsFence = wanted;
        _urgent.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _registering.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = await _host.DescribeBrokerAsync(cancellationToken);
        await RegisterAsync(cancellationToken);
        await BeatUntilUnfencedAsync(cancellationToken);
        _loop = Task.WhenAll(
            _controller.RunAsync(stopping => BeatAsync(TimeSpan.FromMilliseconds(_sessionTimeoutMs / 3), stopping), TellFailed, TellGivenUp, _stopping.Token), RunUrgentAsync());
    }

    /// <summary>The silo counts as started when its broker takes part: an app may create topics as soon as its host runs.</summary>
    private async Task BeatUntilUnfencedAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        do
        {
            try
            {
                if (!await BeatAsync(ControllerLink.RetryDelay, cancellationToken))
                {
                    await _controller.PauseAsync(cancellationToken);
                }
            }
            catch (Exception e) when (e is not (OperationCanceledException or BrokerRegistrationException or MetadataFormatException))
            {
                // A controller that moves, as when silos start together, is no reason not to start.
                _controller.Complain(TellFailed, e);
                await _controller.PauseAsync(cancellationToken);
            }
        }
        while (IsFenced && !_wantsFence && _time.GetElapsedTime(began) < UnfenceTimeout);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        _wantsShutdown = true;
        try
        {
            if (BrokerEpoch >= 0 && Failure is null)
            {
                // After a session's time the controller has fenced this broker anyway.
                var began = _time.GetTimestamp();
                while (!_mayShutDown.Task.IsCompleted && _time.GetElapsedTime(began).TotalMilliseconds < _sessionTimeoutMs)
                {
                    await BeatNowAsync(cancellationToken);
                    await _mayShutDown.Task.WaitAsync(ControllerLink.RetryDelay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        if (BrokerEpoch >= 0 && !_mayShutDown.Task.IsCompleted)
        {
            LogUnconfirmedStop(_logger, BrokerEpoch);
        }

        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _left.TrySetResult();
    }

    private async Task RunUrgentAsync()
    {
        try
        {
            while (await _urgent.Reader.WaitToReadAsync(_stopping.Token))
            {
                _urgent.Reader.TryRead(out _);
                await BeatNowAsync(_stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>A heartbeat beside the one that waits; what it changes also wakes that one.</summary>
    private async Task BeatNowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BeatAsync(TimeSpan.Zero, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _controller.Complain(TellFailed, e);
        }
    }

    private void TellFailed(Exception failure) => LogHeartbeatFailed(_logger, BrokerEpoch, failure);

    private void TellGivenUp(Exception reason) => LogCannotGoOn(_logger, reason.Message, reason);

    /// <summary>One heartbeat; false when it was not heard.</summary>
    private async Task<bool> BeatAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        if (BrokerEpoch < 0)
        {
            return true;
        }

        var epoch = BrokerEpoch;
        var heartbeat = new BrokerHeartbeat
        {
            NodeId = _registration!.NodeId,
            BrokerEpoch = epoch,
            AppliedVersion = _cache.Version,
            KnownControllerEpoch = _controller.Epoch,
            WantsFence = _wantsFence,
            WantsShutdown = _wantsShutdown,
            OfflineDirectoryIds = [.. _offlineDirectories],
            MaxWaitMs = (int)maxWait.TotalMilliseconds,
        };
        var result = await _controller.AskAsync(controller => controller.HeartbeatAsync(heartbeat), cancellationToken);
        if (!_controller.IsHeard(result.Error, result.ControllerEpoch))
        {
            return false;
        }

        if (result.Error == ErrorCode.StaleBrokerEpoch)
        {
            await RegisterAgainAsync(epoch, result.Message ?? "", cancellationToken);
            return true;
        }

        MetadataFeed.Apply(_cache, result.Snapshot, result.Entries);
        IsFenced = result.IsFenced;
        if (!result.IsFenced && _unfenced.TrySetResult())
        {
            _host.OnUnfenced();
        }

        if (result.MayShutDown)
        {
            _mayShutDown.TrySetResult();
        }

        return true;
    }

    private async Task RegisterAgainAsync(long lostEpoch, string reason, CancellationToken cancellationToken)
    {
        await _registering.WaitAsync(cancellationToken);
        try
        {
            if (lostEpoch == BrokerEpoch)
            {
                LogSessionLost(_logger, lostEpoch, reason);
                IsFenced = true;
                await RegisterAsync(cancellationToken);
            }
        }
        finally
        {
            _registering.Release();
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "The heartbeat of broker epoch {BrokerEpoch} failed; it is tried again")]
    private static partial void LogHeartbeatFailed(ILogger logger, long brokerEpoch, Exception exception);

    [LoggerMessage(1202, LogLevel.Warning, "The session of broker epoch {BrokerEpoch} is lost: {Reason}")]
    private static partial void LogSessionLost(ILogger logger, long brokerEpoch, string reason);

    [LoggerMessage(1203, LogLevel.Critical, "This broker cannot go on and stops: {Reason}")]
    private static partial void LogCannotGoOn(ILogger logger, string reason, Exception exception);

    [LoggerMessage(1204, LogLevel.Warning, "Broker epoch {BrokerEpoch} stops before the controller could move what it leads")]
    private static partial void LogUnconfirmedStop(ILogger logger, long brokerEpoch);
}

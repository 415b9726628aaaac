using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains;

/// <summary>
/// Gives <see cref="ControllerState"/> its clock and its log: gathers decisions, appends them one version at a time, answers
/// when they are persisted, and steps down for good at the first sign of another controller.
/// </summary>
internal sealed partial class ControllerShell : IAsyncDisposable
{
    /// <summary>Often enough for S11 and rare enough to cost nothing: one row is read.</summary>
    private static readonly TimeSpan HeadCheckInterval = TimeSpan.FromMilliseconds(ControllerState.SessionLookIntervalMs);

    private readonly Lock _gate = new();
    private readonly IMetadataLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ControllerSettings _settings;
    private readonly MetadataLogFailures _failures;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly VersionWaiters _persisted = new();
    private readonly MetadataTail _tail = new();
    private ControllerState? _started;
    private long _snapshotVersion;
    private string? _steppedDown;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;

    public ControllerShell(IMetadataLog log, ControllerSettings settings, TimeProvider time, ILogger logger, MetadataLogFailures? failures = null)
    {
        _failures = failures ?? new MetadataLogFailures(time);
        _log = log;
        _settings = settings;
        _time = time;
        _logger = logger;
    }

    /// <summary>Completes when this controller has stepped down.</summary>
    public Task SteppedDown => _loop;

    /// <summary>Whether it is the controller, as far as it knows.</summary>
    public bool IsActive
    {
        get
        {
            lock (_gate)
            {
                return _steppedDown is null && ControllerEpoch >= 0;
            }
        }
    }

    /// <summary>Its epoch, once that is in the log; -1 before.</summary>
    public long ControllerEpoch { get; private set; } = -1;

    /// <summary>Whether it stepped down because the metadata log failed: the next one would hardly fare better at once.</summary>
    public bool HasLogFailed { get; private set; }

    /// <summary>Whether the metadata log answered when it was last asked for its head; written by the shell's loop alone.</summary>
    public bool IsLogAnswering { get; private set; } = true;

    /// <summary>What is persisted.</summary>
    public MetadataImage Committed
    {
        get
        {
            lock (_gate)
            {
                return State.Committed;
            }
        }
    }

    /// <summary>The controller that the log named when it was read at the start, by epoch and silo; -1 and empty before.</summary>
    public (long Epoch, string Silo) Predecessor { get; private set; } = (-1, "");

    /// <summary>Reads the log and takes over by appending the next controller epoch.</summary>
    /// <param name="silo">The silo that this is.</param>
    /// <param name="newClusterId">Id for the cluster when this is its very first controller.</param>
    /// <param name="mayTakeOver">Whether to take over from the controller that the log names.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ControllerSteppedDownException">Another controller took over at the same time, or is left to go on.</exception>
    public async Task StartAsync(string silo, string newClusterId, Func<MetadataImage, Task<bool>> mayTakeOver, CancellationToken cancellationToken)
    {
        var contents = await _log.ReadAsync(cancellationToken);
        var image = MetadataImage.Empty;
        if (contents.Snapshot is { } snapshot)
        {
            image = MetadataImage.FromSnapshot(snapshot.Version, MetadataRecordCodec.Decode(snapshot.Payload).Records);
            _snapshotVersion = snapshot.Version;
        }

        foreach (var entry in contents.Entries)
        {
            image = image.Apply(entry.Version, MetadataRecordCodec.Decode(entry.Payload).Records).Current;
            _tail.Add(entry);
        }

        Predecessor = (image.ControllerEpoch, image.ControllerSilo);
        if (!await mayTakeOver(image))
        {
            var reason = $"the controller is on the silo {image.ControllerSilo}";
            End(reason);
            throw new ControllerSteppedDownException(reason);
        }

        _started = new ControllerState(_settings, image);
        await SaveSnapshotIfDueAsync(image, cancellationToken);
        State.Activate(silo, newClusterId, NowMs);
        if (!await AppendAsync(cancellationToken))
        {
            throw new ControllerSteppedDownException("another controller took over while this one started");
        }

        ControllerEpoch = State.ControllerEpoch;
        LogActive(_logger, ControllerEpoch, State.Committed.Version, silo);
        _timer = _time.CreateTimer(static shell => ((ControllerShell)shell!).Tick(), this, HeadCheckInterval, HeadCheckInterval);
        _loop = RunAsync();
    }

    /// <summary>Takes a decision; completes with its answer once everything it rests on is persisted (S6).</summary>
    public Task<T> DecideAsync<T>(Func<ControllerState, long, Decision<T>> decide)
    {
        Decision<T> decision;
        Task persisted;
        lock (_gate)
        {
            ThrowIfSteppedDown();
            decision = decide(State, NowMs);
            TellFencings();
            if (decision.PersistedAt <= State.Committed.Version)
            {
                return Task.FromResult(decision.Answer);
            }

            persisted = _persisted.WaitAsync(decision.PersistedAt, Timeout.InfiniteTimeSpan, _time, CancellationToken.None);
        }

        Wake();
        return AnswerAsync(persisted, decision.Answer);
    }

    /// <summary>What a broker misses, waiting for something newer if there is nothing.</summary>
    public async Task<MetadataTailPage> TailAsync(long appliedVersion, TimeSpan maxWait)
    {
        Task changed;
        lock (_gate)
        {
            ThrowIfSteppedDown();
            if (_tail.TryRead(appliedVersion, State.Committed, out var page))
            {
                return page;
            }

            changed = _tail.Changed;
        }

        if (maxWait > TimeSpan.Zero)
        {
            await changed.WaitAsync(maxWait, _time)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        lock (_gate)
        {
            ThrowIfSteppedDown();
            return _tail.TryRead(appliedVersion, State.Committed, out var page) ? page : MetadataTailPage.Empty;
        }
    }

    /// <summary>Orleans declared a silo dead: its broker is fenced at once (D11).</summary>
    public void SiloDied(string siloAddress) => Hear(state => state.SiloDied(siloAddress));

    /// <summary>A silo does not answer from which this controller has taken over.</summary>
    public void SiloSilent(string siloAddress) => Hear(state => state.SiloSilent(siloAddress));

    /// <summary>A broker has seen a later controller: this one is not it any more.</summary>
    public void StepDown(string reason)
    {
        if (End(reason))
        {
            LogSteppedDown(_logger, reason);
        }
    }

    /// <summary>Its silo stops: who waits for an answer or for news asks the next controller.</summary>
    public void Leave()
    {
        const string reason = "its silo stops";
        if (End(reason))
        {
            LogLeft(_logger, reason);
        }
    }

    /// <summary>
    /// The log failed, so that the outcome of an append is unknown, or a rule is broken: what is in memory cannot be trusted, and a new controller
    /// has to read the log.
    /// </summary>
    public void Fail(Exception error)
    {
        HasLogFailed = true;
        var reason = $"the metadata log failed: {error.Message}";
        if (!End(reason) || !_failures.Note())
        {
            return;
        }

        LogFailed(_logger, (int)MetadataLogFailures.LongestPause.TotalSeconds, error);
    }

    private bool End(string reason)
    {
        lock (_gate)
        {
            if (_steppedDown is not null)
            {
                return false;
            }

            _steppedDown = reason;
        }

        _persisted.Fail(() => new ControllerSteppedDownException(reason));
        TakeVerifying()?.TrySetResult(false);
        _tail.Signal();
        _stopping.Cancel();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        End("its silo stops, or the grain moves");
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stopping.Dispose();
        _work.Dispose();
    }

    /// <summary>The rules; there are none where it could not start.</summary>
    private ControllerState State
    {
        get
        {
            if (_started is null)
            {
                ThrowSteppedDown(_steppedDown ?? "it has not started");
            }

            return _started;
        }
    }

    private long NowMs => _time.MonotonicMs();

    private static async Task<T> AnswerAsync<T>(Task persisted, T answer)
    {
        await persisted;
        return answer;
    }

    private void Tick()
    {
        var stoodStillMs = 0L;
        var balanced = 0;
        lock (_gate)
        {
            if (_steppedDown is null)
            {
                stoodStillMs = State.ExpireSessions(NowMs);
                balanced = State.BalanceLeaders(NowMs);
                TellFencings();
            }
        }

        if (balanced > 0)
        {
            LogBalanced(_logger, balanced);
        }

        if (stoodStillMs > 0)
        {
            LogStoodStill(_logger, stoodStillMs);
        }

        Wake();
    }

    private void Hear(Action<ControllerState> news)
    {
        lock (_gate)
        {
            if (_steppedDown is not null)
            {
                return;
            }

            news(State);
            TellFencings();
        }

        Wake();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_steppedDown is null && _work.CurrentCount == 0)
            {
                _work.Release();
            }
        }
    }

    private void ThrowIfSteppedDown()
    {
        if (_steppedDown is not null)
        {
            ThrowSteppedDown(_steppedDown);
        }
    }

    [DoesNotReturn]
    private static void ThrowSteppedDown(string reason) => throw new ControllerSteppedDownException(reason);
}

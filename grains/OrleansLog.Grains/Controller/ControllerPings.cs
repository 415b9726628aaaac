using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Grains;

/// <summary>
/// Asks the controller now and then whether it is there: a process that stands still keeps its connections, and everybody's questions waiting. One that misses
/// two answers in a row is asked no more, and another silo asked to take over, long before Orleans takes the silent one for dead.
/// </summary>
internal sealed partial class ControllerPings(
    ControllerCalls controller, ControllerSeat seat, IClusterMembershipService membership, ControllerMetrics metrics, BrokerConfig config, TimeProvider time, ILogger<ControllerPings> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How often a silo looks that is alone: others may have come.</summary>
    private static readonly TimeSpan AloneInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo may answer that it is not the controller, as where it does not reach the database: others hardly would, in an outage.</summary>
    private static readonly TimeSpan InactiveMost = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _answerMost = TimeSpan.FromMilliseconds(config.ControllerSilenceMaxMs);
    private readonly CancellationTokenSource _stopping = new();
    private long _heardAt = time.GetTimestamp();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ControllerPings), ServiceLifecycleStage.Active,
        _ =>
        {
            _loop = RunAsync();
            return Task.CompletedTask;
        },
        async _ =>
        {
            await _stopping.CancelAsync();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        while (true)
        {
            var isAlone = membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Active) <= 1;
            await Task.Delay(isAlone ? AloneInterval : _answerMost / 2, time, _stopping.Token);
            if (!isAlone)
                await LookAsync();
        }
    }

    private async Task LookAsync()
    {
        // The second question is for a silo that stood still itself while it waited.
        var standing = await controller.PingAsync(_answerMost).WaitAsync(_stopping.Token)
            ?? await controller.PingAsync(_answerMost / 2).WaitAsync(_stopping.Token);
        if (standing is { Epoch: >= 0 })
        {
            _heardAt = time.GetTimestamp();
            return;
        }

        if (seat.Chosen is not { } asked || (standing is not null && time.GetElapsedTime(_heardAt) < InactiveMost))
            return;

        seat.Avoid(asked, standing is null ? ControllerLoss.Silent : ControllerLoss.Unable);
        _heardAt = time.GetTimestamp();
        if (standing is not null)
        {
            LogInactive(logger, asked);
            return;
        }

        metrics.Silent();
        LogSilent(logger, asked, (int)(_answerMost * 1.5).TotalMilliseconds);
    }

    [LoggerMessage(1222, LogLevel.Warning, "The silo {SiloAddress}, which should host the controller, has not answered for {SilenceMs} ms: another one is asked to take over")]
    private static partial void LogSilent(ILogger logger, SiloAddress siloAddress, int silenceMs);

    [LoggerMessage(1223, LogLevel.Debug, "The silo {SiloAddress}, which should host the controller, cannot: another one is asked to")]
    private static partial void LogInactive(ILogger logger, SiloAddress siloAddress);
}

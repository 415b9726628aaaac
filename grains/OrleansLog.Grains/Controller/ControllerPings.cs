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
    : SiloLoop(nameof(ControllerPings))
{
    /// <summary>How often a silo looks that is alone: others may have come.</summary>
    private static readonly TimeSpan AloneInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo may answer that it is not the controller, as where it does not reach the database: others hardly would, in an outage.</summary>
    private static readonly TimeSpan InactiveMost = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _answerMost = TimeSpan.FromMilliseconds(config.ControllerSilenceMaxMs);
    private long _heardAt = time.GetTimestamp();

    protected override async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var isAlone = membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Active) <= 1;
            await Task.Delay(isAlone ? AloneInterval : _answerMost / 2, time, stopping);
            if (!isAlone)
                await LookAsync(stopping);
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        // The second question is for a silo that stood still itself while it waited.
        var standing = await controller.PingAsync(_answerMost).WaitAsync(stopping)
            ?? await controller.PingAsync(_answerMost / 2).WaitAsync(stopping);
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

using Microsoft.Extensions.Logging;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>What the controller logs: events 1100 to 1119.</summary>
internal sealed partial class ControllerShell
{
    [LoggerMessage(1100, LogLevel.Information, "Controller {Epoch} is active on {Silo} at metadata version {Version}")]
    private static partial void LogActive(ILogger logger, long epoch, long version, string silo);

    [LoggerMessage(1101, LogLevel.Warning, "This controller steps down: {Reason}")]
    private static partial void LogSteppedDown(ILogger logger, string reason);

    [LoggerMessage(1110, LogLevel.Information, "This controller steps down: {Reason}")]
    private static partial void LogLeft(ILogger logger, string reason);

    [LoggerMessage(
        1102, LogLevel.Error,
        "The metadata log failed, and this controller steps down; nothing can be decided until the log works again, records go on. It is tried again after pauses of up to {Seconds} s, "
        + "without a line for each")]
    private static partial void LogFailed(ILogger logger, int seconds, Exception exception);

    [LoggerMessage(
        1105, LogLevel.Warning,
        "This controller stood still for {ElapsedMs} ms (the machine was suspended, frozen or overloaded); no broker's session is charged for it")]
    private static partial void LogStoodStill(ILogger logger, long elapsedMs);

    [LoggerMessage(1104, LogLevel.Warning, "The snapshot of metadata version {Version} could not be saved; it is tried again with the next version")]
    private static partial void LogSnapshotFailed(ILogger logger, long version, Exception exception);

    [LoggerMessage(1103, LogLevel.Warning, "The metadata log does not answer; nothing can be decided until it does, records go on")]
    private static partial void LogHeadUnknown(ILogger logger, Exception exception);

    [LoggerMessage(1109, LogLevel.Warning, "The metadata log answers again")]
    private static partial void LogHeadKnown(ILogger logger);

    /// <summary>Under the lock.</summary>
    private void TellFencings()
    {
        foreach (var fencing in State.TakeFencings())
        {
            var reason = fencing.Reason switch
            {
                FencingReason.SessionExpired => "it was not heard for broker.session.timeout.ms",
                FencingReason.SiloDied => "its silo is dead",
                FencingReason.SiloSilent => "its silo, which hosted the controller, does not answer",
                FencingReason.Unreachable => $"broker {fencing.ReporterId} cannot reach it",
                FencingReason.Stopped => "it stops",
                _ => "it asked for it",
            };
            LogFenced(
                _logger, fencing.Reason is FencingReason.Stopped or FencingReason.Asked ? LogLevel.Information : LogLevel.Warning,
                fencing.BrokerId, reason, fencing.MovedLeaders, fencing.LostLeaders);
        }
    }

    [LoggerMessage(EventId = 1107, Message = "Broker {BrokerId} is fenced: {Reason}. Of the partitions that it led, {Moved} have another leader and {Lost} have none")]
    private static partial void LogFenced(ILogger logger, LogLevel level, int brokerId, string reason, int moved, int lost);

    [LoggerMessage(1106, LogLevel.Information, "Leadership of {Count} partitions goes back to their preferred replicas")]
    private static partial void LogBalanced(ILogger logger, int count);
}

using Microsoft.Extensions.Logging;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class BrokerSession
{
    internal static readonly TimeSpan RegistrationTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Registers, waiting out a controller that moves and a predecessor whose session still runs.</summary>
    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var registration = _registration! with
        {
            IncarnationId = _incarnationId,
            SiloAddress = _silo.SiloAddress.ToParsableString(),
        };
        var began = _time.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            var elapsed = _time.GetElapsedTime(began);
            try
            {
                var asked = registration with { KnownControllerEpoch = _controller.Epoch };
                var result = await _grains.AskControllerAsync(controller => controller.RegisterBrokerAsync(asked)).WaitAsync(cancellationToken);
                if (result.Error != ErrorCode.NotController && _controller.Accepts(result.ControllerEpoch) && !MayWaitOut(result.Error, result.LastContactAgeMs, elapsed))
                {
                    await AcceptAsync(result, cancellationToken);
                    return;
                }

                last = new BrokerRegistrationException(result.Error, result.Message ?? result.Error.ToString());
            }
            catch (Exception e) when (e is not (OperationCanceledException or BrokerRegistrationException))
            {
                ThrowIfUnreadable(e);
                last = e;
                if (_complaints.TryPass(out _))
                {
                    LogRegistrationFailed(_logger, registration.NodeId, e);
                }
            }

            if (elapsed > RegistrationTimeout)
            {
                throw new BrokerRegistrationException(
                    ErrorCode.RequestTimedOut,
                    $"broker {registration.NodeId} could not register within {RegistrationTimeout.TotalSeconds:0} s: {last!.Message}",
                    last);
            }

            await Task.Delay(RetryDelay, _time, cancellationToken);
        }
    }

    /// <summary>
    /// The id's holder may be this broker's own predecessor, killed a moment ago: it is waited for, unless it was heard after this
    /// broker first asked.
    /// </summary>
    internal static bool MayWaitOut(ErrorCode error, long lastContactAgeMs, TimeSpan elapsed) =>
        error == ErrorCode.DuplicateBrokerRegistration && lastContactAgeMs >= (long)elapsed.TotalMilliseconds;

    /// <summary>A controller that cannot read the metadata does not get better by waiting.</summary>
    internal static void ThrowIfUnreadable(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is MetadataFormatException)
            {
                throw new BrokerRegistrationException(ErrorCode.UnknownServerError, $"the controller cannot start: {e.Message}", e);
            }
        }
    }

    private async Task AcceptAsync(BrokerRegistrationResult result, CancellationToken cancellationToken)
    {
        if (result.Error != ErrorCode.None)
        {
            throw new BrokerRegistrationException(result.Error, result.Message ?? result.Error.ToString());
        }

        _sessionTimeoutMs = result.SessionTimeoutMs;
        await _host.OnRegisteredAsync(result, cancellationToken);
        BrokerEpoch = result.BrokerEpoch;
        LogRegistered(_logger, _registration!.NodeId, result.BrokerEpoch, result.ClusterId);
    }

    [LoggerMessage(1200, LogLevel.Information, "Broker {NodeId} is registered in cluster {ClusterId} with broker epoch {BrokerEpoch}")]
    private static partial void LogRegistered(ILogger logger, int nodeId, long brokerEpoch, string clusterId);

    [LoggerMessage(1205, LogLevel.Warning, "Broker {NodeId} could not reach the controller to register; it tries again")]
    private static partial void LogRegistrationFailed(ILogger logger, int nodeId, Exception exception);
}

using Microsoft.Extensions.Logging;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class BrokerSession
{
    /// <summary>Registers, waiting out a controller that moves and a predecessor whose session still runs.</summary>
    private Task RegisterAsync(CancellationToken cancellationToken)
    {
        var registration = _registration! with
        {
            IncarnationId = _incarnationId,
            SiloAddress = _silo.SiloAddress.ToParsableString(),
        };
        return _controller.JoinAsync(
            $"broker {registration.NodeId} could not register",
            async () =>
            {
                var asked = registration with { KnownControllerEpoch = _controller.Epoch };
                var result = await _controller.AskAsync(controller => controller.RegisterBrokerAsync(asked), cancellationToken);
                if (!_controller.IsHeard(result.Error, result.ControllerEpoch))
                {
                    return new(ErrorCode.NotController, result.Message, -1);
                }

                if (result.Error == ErrorCode.None)
                {
                    await AcceptAsync(result, cancellationToken);
                }

                return new(result.Error, result.Message, result.LastContactAgeMs);
            },
            failure => LogRegistrationFailed(_logger, registration.NodeId, failure),
            cancellationToken);
    }

    private async Task AcceptAsync(BrokerRegistrationResult result, CancellationToken cancellationToken)
    {
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

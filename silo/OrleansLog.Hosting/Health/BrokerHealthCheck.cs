using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansLog.Hosting.Health;

/// <summary>Healthy once clients can be sent to this broker: the controller lets it lead, and its logs are open.</summary>
internal sealed class BrokerHealthCheck(BrokerStatus status, ReadinessLog log) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reason = status.NotReadyBecause;
        log.Tell(reason);
        return Task.FromResult(reason is not null
            ? new HealthCheckResult(context.Registration.FailureStatus, reason)
            : HealthCheckResult.Healthy($"broker {status.NodeId}, epoch {status.BrokerEpoch}"));
    }
}

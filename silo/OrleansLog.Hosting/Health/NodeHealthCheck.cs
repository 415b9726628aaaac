using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansLog.Hosting.Health;

/// <summary>Healthy once clients can be sent to this broker, whom the controller lets lead and whose logs are open; or once this controller hears of the active one.</summary>
internal sealed class NodeHealthCheck(NodeStatus status, ReadinessLog log) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reason = status.NotReadyBecause;
        log.Tell(reason);
        return Task.FromResult(reason is not null
            ? new HealthCheckResult(context.Registration.FailureStatus, reason)
            : HealthCheckResult.Healthy(status.Description));
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansLog.Hosting.Health;

/// <summary>Healthy once the controller lets this broker lead, and while no log directory is offline.</summary>
internal sealed class BrokerHealthCheck(BrokerStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(status.IsReady
            ? HealthCheckResult.Healthy($"broker {status.NodeId}, epoch {status.BrokerEpoch}")
            : new HealthCheckResult(context.Registration.FailureStatus, $"broker {status.NodeId} is not registered with the controller, or fenced"));
}

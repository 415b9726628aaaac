using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansLog.Client;

/// <summary>Unhealthy when one of the hosted consumers has ended by itself.</summary>
internal sealed class HostedConsumerHealthCheck(IEnumerable<IHostedConsumer> consumers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        Exception? failure = null;
        var down = new List<string>();
        foreach (var consumer in consumers)
        {
            data[consumer.GroupId] = consumer.RecordsInFlight;
            failure ??= consumer.Failure;
            if (consumer.Failure is not null || !consumer.IsRunning)
                down.Add(consumer.GroupId);
        }

        return Task.FromResult(down.Count == 0
            ? HealthCheckResult.Healthy("All consumers run.", data)
            : new HealthCheckResult(context.Registration.FailureStatus, $"Not running: {string.Join(", ", down)}.", failure, data));
    }
}

using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansLog.Grains.Replicas;

namespace OrleansLog.Grains;

/// <summary>Ties the broker to the silo's life: directories open before grains can be called, logs close after the last one is gone.</summary>
internal sealed class BrokerLifecycle(BrokerHost host, IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Stops are run in the reverse order of stages: after the session has handed leaderships over, while the silo deactivates its grains.</summary>
    private const int ServingStage = ServiceLifecycleStage.BecomeActive;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(BrokerHost), ServiceLifecycleStage.ApplicationServices, OpenAsync, host.StopAsync);
        lifecycle.Subscribe(nameof(BrokerHost) + ".Serving", ServingStage, static _ => Task.CompletedTask, _ =>
        {
            host.StopServing();
            return Task.CompletedTask;
        });
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await host.OpenAsync(cancellationToken);
        host.Follow(ActivatorUtilities.CreateInstance<OrleansBrokerCluster>(services));
    }
}

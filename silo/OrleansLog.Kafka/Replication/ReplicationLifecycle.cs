using Orleans;
using Orleans.Runtime;
using OrleansLog.Grains;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// Ties replication to the silo's life: the port is open before the broker registers it, and served before it leads; both ways go on until what it
/// leads was handed over.
/// </summary>
internal sealed class ReplicationLifecycle(ReplicationListener listener, ReplicaFetchers fetchers, BrokerHost broker, ILocalSiloDetails silo)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const int ServingStage = ServiceLifecycleStage.BecomeActive;

    public void Participate(ISiloLifecycle lifecycle)
    {
        broker.ReplicaFetchers = fetchers;
        lifecycle.Subscribe(nameof(ReplicationListener) + ".Bind", ServiceLifecycleStage.RuntimeInitialize, _ =>
        {
            listener.Bind(silo.SiloAddress.Endpoint.Address);
            return Task.CompletedTask;
        });
        lifecycle.Subscribe(
            nameof(ReplicationListener), ServingStage,
            _ =>
            {
                listener.Start();
                return Task.CompletedTask;
            },
            async _ =>
            {
                await fetchers.StopAsync().ConfigureAwait(false);
                await listener.StopAsync().ConfigureAwait(false);
            });
    }
}

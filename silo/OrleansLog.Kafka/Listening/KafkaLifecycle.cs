using Orleans;
using Orleans.Runtime;
using OrleansLog.Grains;

namespace OrleansLog.Kafka.Listening;

/// <summary>Ties the listeners to the silo's life.</summary>
internal sealed class KafkaLifecycle(KafkaListeners listeners) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Serving begins when the broker is registered and let into the cluster, and ends before it hands over what it leads.</summary>
    private const int ServingStage = ServiceLifecycleStage.Active + 1;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(KafkaListeners) + ".Bind", ServiceLifecycleStage.RuntimeInitialize, Bind);
        lifecycle.Subscribe(nameof(KafkaListeners), ServingStage, Start, listeners.StopAsync);
    }

    private Task Bind(CancellationToken cancellationToken)
    {
        listeners.Bind();
        return Task.CompletedTask;
    }

    private Task Start(CancellationToken cancellationToken)
    {
        listeners.Start();
        return Task.CompletedTask;
    }
}

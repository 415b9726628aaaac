using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Runtime;
using OrleansLog.Kafka.Admin;
using OrleansLog.Kafka.Data;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Groups;
using OrleansLog.Kafka.Listening;
using OrleansLog.Kafka.Network;
using OrleansLog.Kafka.Network.Sockets;
using OrleansLog.Kafka.Replication;

namespace OrleansLog.Kafka;

/// <summary>Registers the Kafka listener of a broker.</summary>
public static class KafkaServiceCollectionExtensions
{
    /// <summary>
    /// Adds the listeners that <c>listeners</c> names, with every API that this build serves. The caller registers the broker
    /// (<c>AddOrleansLogBroker</c>) and its <see cref="Core.Configuration.BrokerConfig"/>.
    /// </summary>
    public static IServiceCollection AddOrleansLogKafka(this IServiceCollection services)
    {
        DataHandlers.Add(services);
        AdminHandlers.Add(services);
        GroupHandlers.Add(services);
        services.AddSingleton<ClientEndpoints>();
        services.AddSingleton(provider => new ApiTable(provider.GetServices<IApiHandler>()));
        services.AddSingleton<RequestMetrics>();
        services.TryAddSingleton<TrafficGate>();
        services.AddSingleton<EventLoops>();
        services.AddSingleton<KafkaListeners>();
        services.AddSingleton<BoundListeners>();
        services.AddSingleton<IKafkaListeners>(provider => provider.GetRequiredService<BoundListeners>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, KafkaLifecycle>();
        services.AddSingleton<ReplicationListener>();
        services.AddSingleton<ReplicaFetchers>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ReplicationLifecycle>();
        return services;
    }
}

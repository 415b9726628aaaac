using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansLog.Grains;

/// <summary>Registers the metadata room: controller, log, cache and session.</summary>
public static class ControllerServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="MetadataCache"/>, <see cref="BrokerSession"/> and what the controller grain needs. The caller registers an
    /// <see cref="IBrokerSessionHost"/>, a <see cref="Core.Configuration.BrokerConfig"/>, and a grain storage named <c>orleanslog-metadata</c>.
    /// </summary>
    public static IServiceCollection AddOrleansLogController(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MetadataCache>();
        services.TryAddSingleton<ControllerMetrics>();
        services.TryAddSingleton<MetadataLogFailures>();
        services.TryAddSingleton<ControllerDeparture>();
        services.TryAddSingleton<BrokerSession>();
        services.TryAddTransient<IMetadataLog>(provider =>
            new GrainStorageMetadataLog(provider.GetRequiredKeyedService<IGrainStorage>(GrainStorageMetadataLog.StorageName)));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<BrokerSession>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ControllerDeparture>());
        return services;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Core.Configuration;

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

        // Orleans places a grain only on silos that have its class, and each silo tells the others which it has.
        services.AddOptions<GrainTypeOptions>().PostConfigure<BrokerConfig>(static (options, config) =>
        {
            if (!config.MayHostController)
                options.Classes.Remove(typeof(ControllerGrain));
        });
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<BrokerSession>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ControllerDeparture>());
        return services;
    }
}

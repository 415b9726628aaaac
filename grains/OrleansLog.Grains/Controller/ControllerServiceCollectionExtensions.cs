using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Placement;

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
        services.AddMetadata();
        services.TryAddSingleton<BrokerSession>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<BrokerSession>());
        return services;
    }

    /// <summary>
    /// The same for a silo that is no broker: <see cref="CandidateSession"/> in place of <see cref="BrokerSession"/>, and the way to the brokers' grains
    /// on other silos.
    /// </summary>
    public static IServiceCollection AddOrleansLogControllerAlone(this IServiceCollection services)
    {
        services.AddMetadata();
        services.TryAddSingleton<CandidateSession>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<CandidateSession>());
        return services;
    }

    private static void AddMetadata(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MetadataCache>();
        services.TryAddSingleton<ControllerMetrics>();
        services.AddPinnedPlacement();
        services.TryAddSingleton<ControllerSeat>();
        services.TryAddSingleton<ControllerCandidates>();
        services.TryAddSingleton<ControllerClaim>();
        services.TryAddSingleton(static provider => new ControllerCalls(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<ControllerCandidates>().List,
            provider.GetRequiredService<ControllerSeat>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<MetadataLogFailures>();
        services.TryAddSingleton<ControllerDeparture>();
        services.TryAddTransient<IMetadataLog>(provider =>
            new GrainStorageMetadataLog(provider.GetRequiredKeyedService<IGrainStorage>(GrainStorageMetadataLog.StorageName)));

        // Orleans places a grain only on silos that have its class, and each silo tells the others which it has.
        services.AddOptions<GrainTypeOptions>().PostConfigure<BrokerConfig>(static (options, config) =>
        {
            if (!config.MayHostController)
                options.Classes.Remove(typeof(ControllerGrain));
            if (!config.IsBroker)
                options.Classes.ExceptWith([typeof(BrokerGrain), typeof(ReplicaGrain), typeof(GroupGrain), typeof(GatewayGrain)]);
        });
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ControllerDeparture>());
        services.TryAddSingleton(static provider =>
            new SiloDeaths(provider.GetRequiredService<IClusterMembershipService>().TryKill, provider.GetRequiredService<ILogger<SiloDeaths>>()));
        services.TryAddSingleton<SiloConnectionEnds>();
        services.AddOptions<SiloConnectionOptions>().Configure<SiloConnectionEnds>(static (options, ends) =>
        {
            options.ConfigureSiloInboundConnection(ends.Observe);
            options.ConfigureSiloOutboundConnection(ends.Observe);
        });
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ControllerWatch>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ControllerPings>();
    }
}

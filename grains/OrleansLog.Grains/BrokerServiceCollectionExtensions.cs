using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansLog.Log;

namespace OrleansLog.Grains;

/// <summary>Registers the data plane of a broker.</summary>
public static class BrokerServiceCollectionExtensions
{
    /// <summary>
    /// Adds the broker, its grains' placement, its part of the silo's lifecycle, and the direct transports. The caller registers a
    /// <see cref="Core.Configuration.BrokerConfig"/> and the controller room (<c>AddOrleansLogController</c>); an <see cref="IDisk"/> may be
    /// registered before to take the file system's place.
    /// </summary>
    public static IServiceCollection AddOrleansLogBroker(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => Disk.FileSystemDisk.Create());
        services.TryAddSingleton<BrokerHost>();
        services.TryAddSingleton<IBrokerSessionHost>(provider => provider.GetRequiredService<BrokerHost>());
        services.TryAddSingleton<Gateway>();
        services.TryAddSingleton<ILogTransport, DirectTransport>();
        services.TryAddSingleton<IAdminTransport, DirectAdminTransport>();
        services.TryAddSingleton<DirectGroupTransport>();
        services.TryAddSingleton<IGroupTransport>(static provider => provider.GetRequiredService<DirectGroupTransport>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, BrokerLifecycle>();
        return services;
    }
}

using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace OrleansLog.Grains.Placement;

/// <summary>What a silo needs to call grains that are pinned to silos, its own and others'.</summary>
internal static class PinnedPlacement
{
    public static IServiceCollection AddPinnedPlacement(this IServiceCollection services)
    {
        services.AddPlacementDirector<BrokerPlacement, BrokerPlacementDirector>();
        services.AddPlacementDirector<GroupPlacement, GroupPlacementDirector>();
        services.AddPlacementDirector<ControllerPlacement, ControllerPlacementDirector>();
        services.AddGrainDirectory(PinnedGrainDirectory.Name, static (_, _) => new PinnedGrainDirectory());
        return services;
    }
}

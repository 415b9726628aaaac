using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Coordinators;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Finds the silo of a group's coordinator in the metadata; a group that nobody coordinates is answered by this silo, which says so, or by any broker's
/// where this silo is no broker.
/// </summary>
internal sealed class GroupPlacementDirector(MetadataCache metadata, BrokerConfig config, ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var image = metadata.Current;
        var groupId = GroupGrainKeys.ToGroupId(target.GrainIdentity.Key.ToString() ?? "");
        var coordinator = OffsetsTopic.CoordinatorOf(image, groupId);
        if (config.IsBroker && (coordinator < 0 || coordinator == config.NodeId))
            return Task.FromResult(silo.SiloAddress);

        return Task.FromResult(coordinator < 0 ? context.GetCompatibleSilos(target)[0] : BrokerSilos.Find(image, coordinator, target, context));
    }
}

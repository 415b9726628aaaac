using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansLog.Grains.Coordinators;

namespace OrleansLog.Grains.Placement;

/// <summary>Finds the silo of a group's coordinator in the metadata; a group that nobody coordinates is answered by this silo, which says so.</summary>
internal sealed class GroupPlacementDirector(MetadataCache metadata, BrokerHost host, ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var image = metadata.Current;
        var groupId = GroupGrainKeys.ToGroupId(target.GrainIdentity.Key.ToString() ?? "");
        var coordinator = OffsetsTopic.CoordinatorOf(image, groupId);
        return Task.FromResult(coordinator < 0 || coordinator == host.BrokerId ? silo.SiloAddress : BrokerSilos.Find(image, coordinator, target, context));
    }
}

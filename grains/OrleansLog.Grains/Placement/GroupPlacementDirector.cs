using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Coordinators;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Places a group's grain on the silo of the broker that its key names. The group's own grain, which names none and may stay where it is, begins at the coordinator,
/// one step nearer; where nobody coordinates the group, on this silo, or on any broker's where this silo is no broker.
/// </summary>
internal sealed class GroupPlacementDirector(MetadataCache metadata, BrokerConfig config, ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var image = metadata.Current;
        var (groupId, brokerId) = GroupGrainKeys.Parse(target.GrainIdentity.Key.ToString() ?? "");
        var wanted = brokerId ?? OffsetsTopic.CoordinatorOf(image, groupId);
        if (config.IsBroker && (wanted < 0 || wanted == config.NodeId))
            return Task.FromResult(silo.SiloAddress);

        return Task.FromResult(wanted < 0 ? context.GetCompatibleSilos(target)[0] : BrokerSilos.Find(image, wanted, target, context));
    }
}

using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Grains.Placement;

/// <summary>Places a pinned grain on the silo of the broker that its key names.</summary>
internal sealed class BrokerPlacementDirector(MetadataCache metadata, BrokerConfig config, ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        if (!BrokerKey.TryGetBrokerId(target.GrainIdentity, out var brokerId))
            throw new ArgumentException($"grain {target.GrainIdentity} names no broker in its key");

        // This silo's own broker needs no registration: it is here.
        return Task.FromResult(config.IsBroker && brokerId == config.NodeId ? silo.SiloAddress : BrokerSilos.Find(metadata.Current, brokerId, target, context));
    }
}

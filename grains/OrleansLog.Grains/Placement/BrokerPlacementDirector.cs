using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansLog.Grains.Placement;

/// <summary>Finds the silo of a broker: from its registration in the metadata, not from the silo's name, which hosting environments overwrite (D1).</summary>
internal sealed class BrokerPlacementDirector(MetadataCache metadata, BrokerHost host, ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        if (!BrokerKey.TryGetBrokerId(target.GrainIdentity, out var brokerId))
            throw new ArgumentException($"grain {target.GrainIdentity} names no broker in its key");

        // This silo's own broker needs no registration: it is here.
        if (brokerId == host.BrokerId)
            return Task.FromResult(silo.SiloAddress);

        var registered = metadata.Current.FindBroker(brokerId)?.SiloAddress;
        if (registered is not null && TryParse(registered, out var address))
        {
            foreach (var candidate in context.GetCompatibleSilos(target))
            {
                if (candidate.Equals(address))
                    return Task.FromResult(candidate);
            }
        }

        throw new SiloUnavailableException($"broker {brokerId} is not registered on a silo that is alive");
    }

    private static bool TryParse(string text, out SiloAddress? address)
    {
        try
        {
            address = SiloAddress.FromParsableString(text);
            return true;
        }
        catch (FormatException)
        {
            address = null;
            return false;
        }
    }
}

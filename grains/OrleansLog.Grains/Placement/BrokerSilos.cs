using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansLog.Core.Controller;

namespace OrleansLog.Grains.Placement;

/// <summary>Finds the silo of a broker: from its registration in the metadata, not from the silo's name, which hosting environments overwrite (D1).</summary>
internal static class BrokerSilos
{
    /// <summary>The silo that a broker is registered on.</summary>
    /// <exception cref="SiloUnavailableException">It is not registered on a silo that is alive.</exception>
    public static SiloAddress Find(MetadataImage image, int brokerId, PlacementTarget target, IPlacementContext context)
    {
        if (SiloNames.TryParse(image.FindBroker(brokerId)?.SiloAddress, out var address))
        {
            foreach (var candidate in context.GetCompatibleSilos(target))
            {
                if (candidate.Equals(address))
                    return candidate;
            }
        }

        throw new SiloUnavailableException($"broker {brokerId} is not registered on a silo that is alive");
    }
}

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
        var registered = image.FindBroker(brokerId)?.SiloAddress;
        if (registered is not null && TryParse(registered, out var address))
        {
            foreach (var candidate in context.GetCompatibleSilos(target))
            {
                if (candidate.Equals(address))
                    return candidate;
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

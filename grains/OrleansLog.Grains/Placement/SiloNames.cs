using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>Reads silos' addresses out of the metadata.</summary>
internal static class SiloNames
{
    /// <summary>The silo that a text names; false where it names none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SiloAddress? silo)
    {
        silo = null;
        if (string.IsNullOrEmpty(text))
            return false;

        try
        {
            silo = SiloAddress.FromParsableString(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

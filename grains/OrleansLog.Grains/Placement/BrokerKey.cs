using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>Reads the broker id out of a pinned grain's key.</summary>
internal static class BrokerKey
{
    /// <summary>The broker id; false when the key names none.</summary>
    public static bool TryGetBrokerId(GrainId grain, out int brokerId)
    {
        brokerId = -1;
        if (grain.TryGetIntegerKey(out var number, out _))
        {
            brokerId = unchecked((int)number);
            return number is >= 0 and <= int.MaxValue;
        }

        return ReplicaKey.TryParse(grain.Key.ToString(), out var key) && (brokerId = key.BrokerId) >= 0;
    }
}

using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Pins a grain to the silo of the broker that its key names (D1): the key is the broker id, or ends in <c>/brokerId</c>. Without the grain
/// directory, which would take healthy activations down when another silo leaves.
/// </summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
[Alias("olog.BrokerPlacement")]
public sealed class BrokerPlacement : PlacementStrategy
{
    /// <inheritdoc/>
    public override bool IsUsingGrainDirectory => false;
}

/// <summary>Marks a grain class as pinned to its broker's silo.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BrokerPlacementAttribute : PlacementAttribute
{
    /// <summary>Marks the class.</summary>
    public BrokerPlacementAttribute()
        : base(new BrokerPlacement())
    {
    }
}

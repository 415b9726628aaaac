using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Places a group's grain on the silo of the broker that its key names, or of the group's coordinator where it names none. Without the grain directory; Orleans
/// keeps the first place of such a grain for as long as that silo lives, so that a group's grain does not follow a coordinator that moves (<see cref="GroupGrainKeys"/>).
/// </summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
[Alias("olog.GroupPlacement")]
public sealed class GroupPlacement : PlacementStrategy
{
    /// <inheritdoc/>
    public override bool IsUsingGrainDirectory => false;
}

/// <summary>Marks a grain class as placed with its group's coordinator.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GroupPlacementAttribute : PlacementAttribute
{
    /// <summary>Marks the class.</summary>
    public GroupPlacementAttribute()
        : base(new GroupPlacement())
    {
    }
}

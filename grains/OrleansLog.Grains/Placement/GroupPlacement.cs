using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Places a group's grain on the silo that leads the group's partition of <c>__consumer_offsets</c>. Without the grain directory: every call
/// goes where the metadata says now, so a group follows its partition when that moves.
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

using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Pins an activation of the controller's grain to the silo that its key names: who asks chooses (<see cref="ControllerSeat"/>). Without the grain directory, of which a part lies on each
/// silo: one that is silent would keep the others from finding another controller, and one that leaves would take a controller down on a silo that stays.
/// </summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
[Alias("olog.ControllerPlacement")]
public sealed class ControllerPlacement : PlacementStrategy
{
    /// <inheritdoc/>
    public override bool IsUsingGrainDirectory => false;
}

/// <summary>Marks the controller's grain class.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ControllerPlacementAttribute : PlacementAttribute
{
    /// <summary>Marks the class.</summary>
    public ControllerPlacementAttribute()
        : base(new ControllerPlacement())
    {
    }
}

/// <summary>Places the grain on the silo that its key names.</summary>
internal sealed class ControllerPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        if (!SiloNames.TryParse(target.GrainIdentity.Key.ToString(), out var silo))
            throw new ArgumentException($"grain {target.GrainIdentity} names no silo in its key");

        return Array.Exists(context.GetCompatibleSilos(target), silo.Equals)
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"the silo {silo} is not alive, or may not host the controller");
    }
}

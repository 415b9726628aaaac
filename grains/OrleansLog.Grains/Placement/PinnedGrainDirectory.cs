using Orleans.GrainDirectory;
using Orleans.Runtime;

namespace OrleansLog.Grains.Placement;

/// <summary>
/// Knows no grain. A pinned grain is found by its key, and is not registered; but Orleans looks into the grain's directory before it asks for the place. Of the
/// default one a part lies on each silo: the first call to a pinned grain would wait for whichever silo holds that part, also where it is dead or silent.
/// </summary>
internal sealed class PinnedGrainDirectory : IGrainDirectory
{
    /// <summary>The name that pinned grain classes give.</summary>
    public const string Name = "orleanslog-pinned";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}

using Orleans.Metadata;
using Orleans.Runtime;

namespace OrleansLog.Grains;

/// <summary>The live silos that may host the controller: those that have its grain's class (<c>process.roles</c>).</summary>
internal sealed class ControllerCandidates(IClusterManifestProvider manifests, IClusterMembershipService membership)
{
    private static readonly GrainType Controller = GrainType.Create(ControllerGrain.TypeName);

    /// <summary>Lists them; none: Orleans has not heard of one yet, or none is alive.</summary>
    public SiloAddress[] List()
    {
        var members = membership.CurrentSnapshot;
        var candidates = new List<SiloAddress>();
        foreach (var (silo, manifest) in manifests.Current.Silos)
        {
            if (manifest.Grains.ContainsKey(Controller) && members.GetSiloStatus(silo) == SiloStatus.Active)
                candidates.Add(silo);
        }

        return [.. candidates];
    }
}

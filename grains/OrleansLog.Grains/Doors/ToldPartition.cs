using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>What clients are told about a partition, whichever request they ask with.</summary>
/// <param name="Image">The metadata.</param>
/// <param name="State">The partition in it.</param>
/// <param name="LeaderId">The leader to name, or -1.</param>
public readonly record struct ToldPartition(MetadataImage Image, PartitionImage State, int LeaderId)
{
    /// <summary><see cref="ErrorCode.LeaderNotAvailable"/> where no leader is named.</summary>
    public ErrorCode Error => LeaderId == PartitionImage.NoLeader ? ErrorCode.LeaderNotAvailable : ErrorCode.None;

    /// <summary>Replicas whose broker or directory is away.</summary>
    public IEnumerable<int> OfflineReplicas
    {
        get
        {
            var (image, state) = (Image, State);
            return state.Replicas.Where(id => !image.IsServed(state, id));
        }
    }
}

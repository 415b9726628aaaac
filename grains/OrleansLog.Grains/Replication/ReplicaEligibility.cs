using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;

namespace OrleansLog.Grains.Replication;

/// <summary>Who may be in a partition's ISR by the metadata that this broker has applied.</summary>
internal sealed class ReplicaEligibility(MetadataCache metadata, ReplicaKey key) : IReplicaEligibility
{
    public bool MayJoinIsr(int brokerId, long brokerEpoch)
    {
        var image = metadata.Current;
        return image.FindBroker(brokerId) is { IsActive: true } broker && broker.Epoch == brokerEpoch
            && image.FindPartition(key.TopicId, key.Partition) is { } partition
            && partition.DirectoryOf(brokerId) is { } directory && directory != DirectoryIds.Unassigned && image.IsServed(partition, brokerId);
    }

    public bool IsAlive(int brokerId) => metadata.Current.FindBroker(brokerId) is { Fenced: false };
}

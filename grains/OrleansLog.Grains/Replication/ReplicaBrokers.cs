using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;

namespace OrleansLog.Grains.Replication;

/// <summary>What the metadata that this broker has applied says of a partition's brokers.</summary>
internal sealed class ReplicaBrokers(MetadataCache metadata, ReplicaKey key) : IReplicaBrokers
{
    public bool MayJoinIsr(int brokerId, long brokerEpoch)
    {
        var image = metadata.Current;
        return image.FindBroker(brokerId) is { IsActive: true } broker && broker.Epoch == brokerEpoch
            && image.FindPartition(key.TopicId, key.Partition) is { } partition
            && partition.DirectoryOf(brokerId) is { } directory && directory != DirectoryIds.Unassigned && image.IsServed(partition, brokerId);
    }

    public bool IsAlive(int brokerId) => metadata.Current.FindBroker(brokerId) is { Fenced: false };

    public string? RackOf(int brokerId) => metadata.Current.FindBroker(brokerId)?.Rack;
}

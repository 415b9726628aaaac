using System.Collections.Concurrent;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replicas;

namespace OrleansLog.Grains.Replication;

/// <summary>Tells whoever fetches which replicas of this broker follow whom.</summary>
internal sealed class ReplicaFollowing(BrokerContext broker, IReplicaFetchers fetchers) : ILeadershipObserver
{
    private readonly ConcurrentDictionary<Partition, FollowedReplica> _followed = new();

    public void Applied(Partition partition)
    {
        var leader = partition.LeaderToFollow;
        if (leader < 0 || leader == broker.BrokerId)
        {
            Closing(partition);
            return;
        }

        var replica = _followed.GetOrAdd(partition, static (open, context) => new FollowedReplica(open, context), broker);
        partition.Followed = replica;
        fetchers.Follow(replica, leader);
    }

    public void Closing(Partition partition)
    {
        partition.Followed = null;
        if (_followed.TryRemove(partition, out var replica))
            fetchers.Unfollow(replica);
    }
}

namespace OrleansLog.Grains.Replication;

/// <summary>Whoever carries records from leaders on other brokers (D13). Calls come from any thread, those about one replica one after the other.</summary>
public interface IReplicaFetchers
{
    /// <summary>Fetches for a replica from this leader from now on, and from no other.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="leaderId">Broker that leads it.</param>
    void Follow(FollowedReplica replica, int leaderId);

    /// <summary>Fetches for it no longer.</summary>
    void Unfollow(FollowedReplica replica);
}

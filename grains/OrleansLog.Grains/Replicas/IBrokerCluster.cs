using OrleansLog.Grains.Replication;

namespace OrleansLog.Grains.Replicas;

/// <summary>What a broker asks of the cluster around it.</summary>
internal interface IBrokerCluster
{
    /// <summary>Makes the grain of an open replica active, so that it can be called from anywhere (D1).</summary>
    Task ActivateReplicaAsync(ReplicaKey key);

    /// <summary>Lets the grain of a replica go that is no longer here.</summary>
    Task DeactivateReplicaAsync(ReplicaKey key);

    /// <summary>Tells the controller in which directories replicas came to lie.</summary>
    Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments);

    /// <summary>Tells the controller that directories failed (S8).</summary>
    void ReportOfflineDirectories(IEnumerable<Guid> directoryIds);

    /// <summary>Asks the controller for other ISRs of partitions that are led here.</summary>
    Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes);

    /// <summary>Tells the controller that another broker, under that broker epoch, cannot be reached.</summary>
    Task<ErrorCode> ReportUnreachableAsync(long ownEpoch, int brokerId, long brokerEpoch, PeerLoss loss);

    /// <summary>Whether Orleans takes the controller's silo for dead, as it was told to now, where its process is gone, or before.</summary>
    Task<bool> IsTakenForDeadAsync(string siloAddress, bool isGone);

    /// <summary>Has the controller make a topic; the version holds it once it is made.</summary>
    Task<TopicResults> CreateTopicAsync(NewTopic topic);
}

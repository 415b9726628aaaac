namespace OrleansLog.Grains.Replicas;

/// <summary>What a broker asks of the cluster around it.</summary>
internal interface IBrokerCluster
{
    /// <summary>Makes the grain of an open replica active, so that it can be called from anywhere (D1).</summary>
    Task ActivateReplicaAsync(ReplicaKey key);

    /// <summary>Tells the controller in which directories replicas came to lie.</summary>
    Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments);

    /// <summary>Tells the controller that directories failed (S8).</summary>
    void ReportOfflineDirectories(IEnumerable<Guid> directoryIds);

    /// <summary>Has the controller make a topic; the version holds it once it is made.</summary>
    Task<TopicResults> CreateTopicAsync(NewTopic topic);
}

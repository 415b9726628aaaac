namespace OrleansLog.Grains.Replicas;

/// <summary>The cluster around a broker, reached through grains.</summary>
internal sealed class OrleansBrokerCluster(IGrainFactory grains, BrokerSession session) : IBrokerCluster
{
    public Task ActivateReplicaAsync(ReplicaKey key) => grains.GetGrain<IReplicaGrain>(key.ToString()).DescribeAsync();

    public Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments) =>
        grains.GetGrain<IControllerGrain>(0).AssignDirectoriesAsync(assignments);

    public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds) => session.ReportOfflineDirectories(directoryIds);

    public Task<TopicResults> CreateTopicAsync(NewTopic topic) => grains.GetGrain<IControllerGrain>(0).CreateTopicsAsync([topic], validateOnly: false);
}

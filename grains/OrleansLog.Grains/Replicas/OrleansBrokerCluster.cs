using OrleansLog.Grains.Placement;
using OrleansLog.Grains.Replication;

namespace OrleansLog.Grains.Replicas;

/// <summary>The cluster around a broker, reached through grains.</summary>
internal sealed class OrleansBrokerCluster(IGrainFactory grains, ControllerCalls controllerCalls, BrokerSession session, BrokerHost host, SiloDeaths deaths) : IBrokerCluster
{
    public Task ActivateReplicaAsync(ReplicaKey key) => grains.GetGrain<IReplicaGrain>(key.ToString()).DescribeAsync();

    public Task DeactivateReplicaAsync(ReplicaKey key) => grains.GetGrain<IReplicaGrain>(key.ToString()).LeaveAsync();

    public Task<ErrorCode> AssignDirectoriesAsync(DirectoryAssignments assignments) =>
        controllerCalls.AskAsync(controller => controller.AssignDirectoriesAsync(assignments));

    public Task<IsrChangeResults> AlterPartitionAsync(IsrChanges changes) => controllerCalls.AskAsync(controller => controller.AlterPartitionAsync(changes));

    public Task<ErrorCode> ReportUnreachableAsync(long ownEpoch, int brokerId, long brokerEpoch, PeerLoss loss) =>
        controllerCalls.AskAsync(controller => controller.ReportUnreachableAsync(host.BrokerId, ownEpoch, brokerId, brokerEpoch, isSilent: loss == PeerLoss.Silent));

    public Task<bool> IsTakenForDeadAsync(string siloAddress, bool isGone) =>
        SiloNames.TryParse(siloAddress, out var silo) ? deaths.IsTakenForDeadAsync(silo, isGone) : Task.FromResult(false);

    public void ReportOfflineDirectories(IEnumerable<Guid> directoryIds) => session.ReportOfflineDirectories(directoryIds);

    public Task<TopicResults> CreateTopicAsync(NewTopic topic) => controllerCalls.AskAsync(controller => controller.CreateTopicsAsync([topic], validateOnly: false));
}

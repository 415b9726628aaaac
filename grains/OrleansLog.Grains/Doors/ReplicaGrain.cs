using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>One replica, pinned to its broker's silo (D1). The log opens on threads of its own, not in the activation, which has 30 seconds.</summary>
[BrokerPlacement, GrainDirectory(PinnedGrainDirectory.Name), KeepAlive, Immovable]
internal sealed class ReplicaGrain(BrokerHost host) : Grain, IReplicaGrain
{
    private ReplicaKey _key;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!ReplicaKey.TryParse(this.GetPrimaryKeyString(), out _key) || _key.BrokerId != host.BrokerId)
            throw new InvalidOperationException($"this silo is broker {host.BrokerId}; replica '{this.GetPrimaryKeyString()}' does not belong here");

        return Task.CompletedTask;
    }

    public Task<ReplicaStatus> DescribeAsync() => Task.FromResult(host.Replicas.Find(_key)?.Describe() ?? default);

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

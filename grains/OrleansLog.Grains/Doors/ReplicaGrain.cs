using Orleans.Concurrency;
using Orleans.Placement;
using OrleansLog.Grains.Placement;

namespace OrleansLog.Grains;

/// <summary>One replica, pinned to its broker's silo (D1). The log opens on threads of its own, not in the activation, which has 30 seconds.</summary>
[BrokerPlacement, KeepAlive, Immovable]
internal sealed class ReplicaGrain(BrokerHost host, MetadataCache metadata) : Grain, IReplicaGrain
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private ReplicaKey _key;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!ReplicaKey.TryParse(this.GetPrimaryKeyString(), out _key) || _key.BrokerId != host.BrokerId)
            throw new InvalidOperationException($"this silo is broker {host.BrokerId}; replica '{this.GetPrimaryKeyString()}' does not belong here");

        return Task.CompletedTask;
    }

    public async Task ApplyAsync(long version)
    {
        await metadata.WaitForVersionAsync(version, MaxWait, TimeProvider.System);
        try
        {
            await host.Replicas.ReconcileAsync(_key).WaitAsync(MaxWait);
        }
        catch (TimeoutException)
        {
            // A long recovery goes on without this call.
        }

        if (metadata.Current.FindPartition(_key.TopicId, _key.Partition)?.Replicas.Contains(_key.BrokerId) != true)
            DeactivateOnIdle();
    }

    public Task<ReplicaStatus> DescribeAsync() => Task.FromResult(host.Replicas.Find(_key)?.Describe() ?? default);
}

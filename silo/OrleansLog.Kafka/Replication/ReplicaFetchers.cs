using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Grains.Replication;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Replication;

/// <summary>The fetches of this broker's replicas: <c>num.replica.fetchers</c> streams to each broker that leads some of them.</summary>
internal sealed class ReplicaFetchers(
    BrokerConfig config, BrokerHost broker, MetadataCache metadata, TrafficGate gate, TimeProvider time, ILogger<ReplicaFetchers> logger)
    : IReplicaFetchers
{
    private readonly ConcurrentDictionary<(int LeaderId, int Number), ReplicaFetcher> _fetchers = new();
    private readonly ConcurrentDictionary<FollowedReplica, ReplicaFetcher> _followed = new();
    private volatile bool _isStopping;

    public void Follow(FollowedReplica replica, int leaderId)
    {
        if (_isStopping)
            return;

        var number = (int)((uint)HashCode.Combine(replica.TopicId, replica.Name.Partition) % (uint)config.NumReplicaFetchers);
        var fetcher = _fetchers.GetOrAdd((leaderId, number), key => new ReplicaFetcher(key.LeaderId, config, broker, metadata, gate, time, logger));
        if (_followed.TryGetValue(replica, out var before) && before != fetcher)
            before.Remove(replica);

        _followed[replica] = fetcher;
        fetcher.Add(replica);
    }

    public void Unfollow(FollowedReplica replica)
    {
        if (_followed.TryRemove(replica, out var fetcher))
            fetcher.Remove(replica);
    }

    /// <summary>Fetches no more; completes when nothing of it runs.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        await Task.WhenAll(_fetchers.Values.Select(static fetcher => fetcher.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}

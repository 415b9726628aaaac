using System.Collections.Frozen;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    /// <summary>The wire has no metadata version: no answer is older than this, and none says more.</summary>
    private const long NoVersion = -1;

    private const short MetadataMin = 1;
    private const short MetadataMax = 12;

    public async ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        var request = new MetadataRequestData
        {
            Topics = topics is null ? null : [.. topics.Select(static topic => new MetadataRequestData.MetadataRequestTopic { Name = topic })],
            AllowAutoTopicCreation = false,
        };
        var answer = await AskHomeAsync<MetadataRequestData, MetadataResponseData>(
            request, MetadataMin, MetadataMax, KafkaLaneKind.Short, waitMs: 0, isChange: false, cancellationToken).ConfigureAwait(false);
        if (answer.Response is not { } response)
            throw answer.Failure!.ToException();
        Learn(response.Brokers);
        var metadata = new ClusterMetadata
        {
            ClusterId = response.ClusterId ?? "",
            Version = NoVersion,
            ControllerId = response.ControllerId,
            Brokers = [.. response.Brokers.Select(static broker => new BrokerDescription { Id = broker.NodeId, Host = broker.Host, Port = broker.Port, Rack = broker.Rack })],
            Topics = InOrder(topics, [.. response.Topics.Select(Describe)]),
        };
        _router.Learn(metadata);
        return metadata;
    }

    // As asked: a broker may answer in another order, and twice.
    private static TopicDescription[] InOrder(string[]? asked, TopicDescription[] found)
    {
        if (asked is null)
            return found;
        var byName = new Dictionary<string, TopicDescription>(found.Length, StringComparer.Ordinal);
        foreach (var topic in found)
            byName[topic.Name] = topic;
        return Array.ConvertAll(asked, name => byName.TryGetValue(name, out var topic)
            ? topic
            : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition });
    }

    private static TopicDescription Describe(MetadataResponseData.MetadataResponseTopic topic) => new()
    {
        Error = topic.ErrorCode,
        Name = topic.Name ?? "",
        TopicId = topic.TopicId.ToGuid(),
        IsInternal = topic.IsInternal,
        Partitions = ByNumber([.. topic.Partitions.Select(Describe)]),
    };

    // Partitions are found by their number: gaps and repetitions must not move them.
    private static PartitionDescription[] ByNumber(PartitionDescription[] found)
    {
        var count = 0;
        foreach (var partition in found)
            count = Math.Max(count, partition.Partition < found.Length ? partition.Partition + 1 : 0);
        var partitions = new PartitionDescription[count];
        for (var i = 0; i < count; i++)
            partitions[i] = new PartitionDescription { Partition = i, Error = ErrorCode.LeaderNotAvailable };
        foreach (var partition in found)
        {
            if ((uint)partition.Partition < (uint)count)
                partitions[partition.Partition] = partition;
        }

        return partitions;
    }

    private static PartitionDescription Describe(MetadataResponseData.MetadataResponsePartition partition) => new()
    {
        Error = partition.ErrorCode,
        Partition = partition.PartitionIndex,
        LeaderId = partition.LeaderId,
        LeaderEpoch = partition.LeaderEpoch,
        PartitionEpoch = -1,
        Replicas = [.. partition.ReplicaNodes],
        Isr = [.. partition.IsrNodes],
        OfflineReplicas = [.. partition.OfflineReplicas],
    };

    private void Learn(List<MetadataResponseData.MetadataResponseBroker> brokers)
    {
        List<KafkaBroker>? gone = null;
        lock (_gate)
        {
            if (_isClosed || !HasNews(brokers))
                return;
            var byId = new Dictionary<int, KafkaBroker>(brokers.Count);
            foreach (var broker in brokers)
            {
                if (KafkaAddress.TryCreate(broker.Host, broker.Port, out var address))
                    byId[broker.NodeId] = BrokerAt(address);
            }

            Volatile.Write(ref _byId, byId.ToFrozenDictionary());
            foreach (var (address, broker) in _brokers)
            {
                if (broker != _home && !_bootstrap.Contains(address) && !byId.ContainsValue(broker))
                    (gone ??= []).Add(broker);
            }

            foreach (var broker in gone ?? [])
                _brokers.Remove(broker.Address);
        }

        foreach (var broker in gone ?? [])
            Own(broker.CloseAsync(KafkaFailure.Network($"The broker at {broker.Address} is no longer a member of the cluster.")));
    }

    private bool HasNews(List<MetadataResponseData.MetadataResponseBroker> brokers)
    {
        if (brokers.Count != _byId.Count)
            return true;
        foreach (var broker in brokers)
        {
            if (!_byId.TryGetValue(broker.NodeId, out var known) || known.Address != new KafkaAddress(broker.Host, broker.Port))
                return true;
        }

        return false;
    }
}

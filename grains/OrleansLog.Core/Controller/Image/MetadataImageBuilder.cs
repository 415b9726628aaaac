using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>Applies the records of one version to an image; copies only what they touch.</summary>
internal sealed class MetadataImageBuilder
{
    private readonly MetadataImage _previous;
    private readonly long _version;
    private readonly ImmutableSortedDictionary<string, short>.Builder _features;
    private readonly ImmutableSortedDictionary<int, BrokerImage>.Builder _brokers;
    private readonly ImmutableDictionary<Guid, TopicImage>.Builder _topics;
    private readonly ImmutableSortedDictionary<string, Guid>.Builder _topicIds;
    private readonly ImmutableDictionary<ConfigOwner, ImmutableSortedDictionary<string, string>>.Builder _configs;
    private readonly Dictionary<Guid, ImmutableArray<PartitionImage>.Builder> _openTopics = [];
    private readonly HashSet<TopicIdPartition> _changedPartitions = [];
    private readonly HashSet<Guid> _removedTopics = [];
    private readonly HashSet<int> _changedBrokers = [];
    private readonly HashSet<ConfigOwner> _changedConfigs = [];
    private ImmutableList<UnknownRecord> _unknown;
    private long _controllerEpoch;
    private string _controllerSilo;
    private string _clusterId;
    private string _clusterSecret;
    private int _partitionCount;
    private long _nextProducerId;

    public MetadataImageBuilder(MetadataImage previous, long version)
    {
        _previous = previous;
        _version = version;
        _features = previous.Features.ToBuilder();
        _brokers = previous.Brokers.ToBuilder();
        _topics = previous.Topics.ToBuilder();
        _topicIds = previous.TopicIds.ToBuilder();
        _configs = previous.Configs.ToBuilder();
        _unknown = previous.UnknownRecords;
        _controllerEpoch = previous.ControllerEpoch;
        _controllerSilo = previous.ControllerSilo;
        _clusterId = previous.ClusterId;
        _clusterSecret = previous.ClusterSecret;
        _partitionCount = previous.PartitionCount;
        _nextProducerId = previous.NextProducerId;
    }

    public MetadataImageBuilder ApplyAll(IReadOnlyList<MetadataRecord> records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            Apply(records[i]);
        }

        return this;
    }

    public MetadataDelta Build()
    {
        foreach (var (id, partitions) in _openTopics)
        {
            _topics[id] = _topics[id] with { Partitions = partitions.DrainToImmutable() };
        }

        return new MetadataDelta
        {
            Previous = _previous,
            Current = new MetadataImage
            {
                Version = _version,
                ControllerEpoch = _controllerEpoch,
                ControllerSilo = _controllerSilo,
                ClusterId = _clusterId,
                ClusterSecret = _clusterSecret,
                Features = _features.ToImmutable(),
                Brokers = _brokers.ToImmutable(),
                Topics = _topics.ToImmutable(),
                TopicIds = _topicIds.ToImmutable(),
                Configs = _configs.ToImmutable(),
                UnknownRecords = _unknown,
                PartitionCount = _partitionCount,
                NextProducerId = _nextProducerId,
            },
            ChangedPartitions = [.. _changedPartitions],
            RemovedTopics = [.. _removedTopics],
            ChangedBrokers = [.. _changedBrokers],
            ChangedConfigs = [.. _changedConfigs],
        };
    }

    private void Apply(MetadataRecord record)
    {
        switch (record)
        {
            case PartitionChangeRecord change:
                ApplyPartitionChange(change);
                break;
            case PartitionRecord partition:
                ApplyPartition(partition);
                break;
            case BrokerChangeRecord change:
                ApplyBrokerChange(change);
                break;
            case BrokerRecord broker:
                ApplyBroker(broker);
                break;
            case BrokerRemovedRecord removed:
                FindBroker(removed.Id, removed.Epoch);
                _brokers.Remove(removed.Id);
                _changedBrokers.Add(removed.Id);
                break;
            case TopicRecord topic:
                ApplyTopic(topic);
                break;
            case TopicRemovedRecord removed:
                ApplyTopicRemoved(removed.Id);
                break;
            case ConfigRecord config:
                ApplyConfig(config);
                break;
            case ProducerIdsRecord ids:
                // A build that skipped these kept them all, so old ones may come again from its snapshot.
                _nextProducerId = Math.Max(_nextProducerId, ids.NextId);
                break;
            case FeatureLevelRecord feature:
                ApplyFeature(feature);
                break;
            case ControllerEpochRecord controller:
                ApplyControllerEpoch(controller);
                break;
            case ClusterRecord cluster:
                Require(_clusterId.Length == 0 || _clusterId == cluster.ClusterId, $"the cluster id changes from {_clusterId} to {cluster.ClusterId}");
                _clusterId = cluster.ClusterId;
                break;
            case ClusterSecretRecord secret:
                _clusterSecret = secret.Secret;
                break;
            case UnknownRecord unknown:
                _unknown = _unknown.Add(unknown);
                break;
            default:
                throw Misfit($"record type {record.GetType().Name} has no place in the image");
        }
    }

    private void ApplyControllerEpoch(ControllerEpochRecord record)
    {
        Require(record.Epoch > _controllerEpoch, $"controller epoch {record.Epoch} follows {_controllerEpoch}");
        _controllerEpoch = record.Epoch;
        _controllerSilo = record.Silo;
    }

    private void ApplyFeature(FeatureLevelRecord record)
    {
        if (record.Level == 0)
        {
            _features.Remove(record.Name);
            return;
        }

        Require(
            record.Name != MetadataVersions.FeatureName || record.Level <= MetadataVersions.Max,
            $"metadata.version {record.Level} was finalized, this build understands up to {MetadataVersions.Max}; run a newer build");
        _features[record.Name] = record.Level;
    }

    private void ApplyBroker(BrokerRecord record)
    {
        _brokers[record.Id] = new BrokerImage
        {
            Id = record.Id,
            Epoch = record.Epoch,
            IncarnationId = record.IncarnationId,
            SiloAddress = record.SiloAddress,
            Endpoints = record.Endpoints,
            Rack = record.Rack,
            Directories = record.Directories,
            Fenced = record.Fenced,
            ShuttingDown = record.ShuttingDown,
        };
        _changedBrokers.Add(record.Id);
    }

    private void ApplyBrokerChange(BrokerChangeRecord record)
    {
        var broker = FindBroker(record.Id, record.Epoch);
        _brokers[record.Id] = broker with
        {
            Fenced = record.Fenced ?? broker.Fenced,
            ShuttingDown = record.ShuttingDown ?? broker.ShuttingDown,
            Directories = record.Directories ?? broker.Directories,
        };
        _changedBrokers.Add(record.Id);
    }

    private void ApplyTopic(TopicRecord record)
    {
        Require(!_topics.ContainsKey(record.Id), $"topic id {record.Id} is created twice");
        Require(!_topicIds.ContainsKey(record.Name), $"topic {record.Name} is created twice");
        _topics[record.Id] = new TopicImage { Id = record.Id, Name = record.Name };
        _topicIds[record.Name] = record.Id;
    }

    private void ApplyTopicRemoved(Guid id)
    {
        Require(_topics.TryGetValue(id, out var topic), $"topic id {id} is removed but does not exist");
        _partitionCount -= _openTopics.Remove(id, out var open) ? open.Count : topic!.Partitions.Length;
        _topics.Remove(id);
        _topicIds.Remove(topic!.Name);
        _changedPartitions.RemoveWhere(partition => partition.TopicId == id);
        _removedTopics.Add(id);
        if (_configs.Remove(ConfigOwner.Topic(topic.Name)))
        {
            _changedConfigs.Add(ConfigOwner.Topic(topic.Name));
        }
    }

    private void ApplyPartition(PartitionRecord record)
    {
        var partitions = Open(record.TopicId);
        var state = record.State;
        Require(state.Partition == partitions.Count, $"partition {state.Partition} of topic id {record.TopicId} follows {partitions.Count - 1}");
        Require(state.Directories.Length == state.Replicas.Length, $"partition {state.Partition} of topic id {record.TopicId} lacks directories");
        partitions.Add(state);
        _partitionCount++;
        _changedPartitions.Add(new TopicIdPartition(record.TopicId, state.Partition));
    }

    private void ApplyPartitionChange(PartitionChangeRecord record)
    {
        var partitions = Open(record.TopicId);
        Require((uint)record.Partition < (uint)partitions.Count, $"partition {record.Partition} of topic id {record.TopicId} does not exist");
        var before = partitions[record.Partition];
        Require(
            record.PartitionEpoch == before.PartitionEpoch + 1,
            $"partition epoch {record.PartitionEpoch} of {record.TopicId}/{record.Partition} follows {before.PartitionEpoch}");
        var after = before with
        {
            PartitionEpoch = record.PartitionEpoch,
            Leader = record.Leader ?? before.Leader,
            LeaderEpoch = record.LeaderEpoch ?? before.LeaderEpoch,
            Isr = record.Isr ?? before.Isr,
            Elr = record.Elr ?? before.Elr,
            LastKnownElr = record.LastKnownElr ?? before.LastKnownElr,
            Replicas = record.Replicas ?? before.Replicas,
            Directories = record.Directories ?? before.Directories,
            Adding = record.Adding ?? before.Adding,
            Removing = record.Removing ?? before.Removing,
            UncleanElections = record.UncleanElections ?? before.UncleanElections,
        };
        Require(
            after.Leader == before.Leader ? after.LeaderEpoch >= before.LeaderEpoch : after.LeaderEpoch > before.LeaderEpoch,
            $"leader {after.Leader} of {record.TopicId}/{record.Partition} comes without a new leader epoch");
        partitions[record.Partition] = after;
        _changedPartitions.Add(new TopicIdPartition(record.TopicId, record.Partition));
    }

    private void ApplyConfig(ConfigRecord record)
    {
        var owner = new ConfigOwner(record.Kind, record.Owner);
        var values = _configs.GetValueOrDefault(owner, MetadataImage.NoConfigs)!;
        values = record.Value is null ? values.Remove(record.Key) : values.SetItem(record.Key, record.Value);
        if (values.IsEmpty)
        {
            _configs.Remove(owner);
        }
        else
        {
            _configs[owner] = values;
        }

        _changedConfigs.Add(owner);
    }

    private ImmutableArray<PartitionImage>.Builder Open(Guid topicId)
    {
        if (!_openTopics.TryGetValue(topicId, out var partitions))
        {
            Require(_topics.TryGetValue(topicId, out var topic), $"topic id {topicId} does not exist");
            partitions = topic!.Partitions.ToBuilder();
            _openTopics.Add(topicId, partitions);
        }

        return partitions;
    }

    private BrokerImage FindBroker(int id, long epoch)
    {
        Require(_brokers.TryGetValue(id, out var broker) && broker.Epoch == epoch, $"broker {id} has no registration with epoch {epoch}");
        return broker!;
    }

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Misfit(otherwise);
        }
    }

    private MetadataFormatException Misfit(string what) => new($"metadata version {_version} does not fit: {what}");
}

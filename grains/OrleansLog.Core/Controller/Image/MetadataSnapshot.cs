namespace OrleansLog.Core.Controller;

/// <summary>Takes an image apart into records, and tells two images apart.</summary>
internal static class MetadataSnapshot
{
    public static List<MetadataRecord> ToRecords(MetadataImage image)
    {
        var records = new List<MetadataRecord>(8 + image.Brokers.Count + (2 * image.Topics.Count) + image.PartitionCount);
        if (image.ClusterId.Length > 0)
        {
            records.Add(new ClusterRecord(image.ClusterId));
        }

        if (image.ClusterSecret.Length > 0)
        {
            records.Add(new ClusterSecretRecord(image.ClusterSecret));
        }

        if (image.ControllerEpoch > 0)
        {
            records.Add(new ControllerEpochRecord(image.ControllerEpoch, image.ControllerSilo));
        }

        foreach (var (name, level) in image.Features)
        {
            records.Add(new FeatureLevelRecord(name, level));
        }

        if (image.NextProducerId > 0)
        {
            records.Add(new ProducerIdsRecord(-1, -1, image.NextProducerId));
        }

        foreach (var broker in image.Brokers.Values)
        {
            records.Add(ToRecord(broker));
        }

        foreach (var (name, id) in image.TopicIds)
        {
            records.Add(new TopicRecord(id, name));
            foreach (var partition in image.Topics[id].Partitions)
            {
                records.Add(new PartitionRecord { TopicId = id, State = partition });
            }
        }

        foreach (var (owner, values) in image.Configs.OrderBy(pair => pair.Key.Kind).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal))
        {
            foreach (var (key, value) in values)
            {
                records.Add(new ConfigRecord(owner.Kind, owner.Name, key, value));
            }
        }

        records.AddRange(image.UnknownRecords);
        return records;
    }

    public static BrokerRecord ToRecord(BrokerImage broker) => new()
    {
        Id = broker.Id,
        Epoch = broker.Epoch,
        IncarnationId = broker.IncarnationId,
        SiloAddress = broker.SiloAddress,
        Endpoints = broker.Endpoints,
        Rack = broker.Rack,
        Directories = broker.Directories,
        Fenced = broker.Fenced,
        ShuttingDown = broker.ShuttingDown,
    };

    public static MetadataDelta Diff(MetadataImage previous, MetadataImage current)
    {
        var partitions = new HashSet<TopicIdPartition>();
        foreach (var topic in current.Topics.Values)
        {
            var before = previous.FindTopic(topic.Id);
            foreach (var partition in topic.Partitions)
            {
                // Every change raises the partition epoch.
                if (before?.Find(partition.Partition)?.PartitionEpoch != partition.PartitionEpoch)
                {
                    partitions.Add(new TopicIdPartition(topic.Id, partition.Partition));
                }
            }
        }

        return new MetadataDelta
        {
            Previous = previous,
            Current = current,
            ChangedPartitions = [.. partitions],
            RemovedTopics = [.. previous.Topics.Keys.Where(id => !current.Topics.ContainsKey(id))],
            ChangedBrokers = [.. previous.Brokers.Keys.Union(current.Brokers.Keys)],
            ChangedConfigs = [.. previous.Configs.Keys.Union(current.Configs.Keys)],
        };
    }
}

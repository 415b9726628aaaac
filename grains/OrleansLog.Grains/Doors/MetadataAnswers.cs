using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Turns the applied metadata into what clients ask for.</summary>
internal static class MetadataAnswers
{
    /// <summary>Tells whether the leader by the metadata, of a topic's partition, has not opened its log yet.</summary>
    public delegate bool StillOpening(string topic, int partition, int leader);

    /// <summary>The named topics in the order asked, or all by name.</summary>
    public static ClusterMetadata Describe(MetadataImage image, string[]? topics, StillOpening isOpening) => new()
    {
        ClusterId = image.ClusterId,
        Version = image.Version,
        ControllerId = image.ControllerId,
        Brokers = [.. image.Brokers.Values.Where(broker => !broker.Fenced).Select(Describe)],
        Topics = topics is null
            ? [.. image.TopicIds.Values.Select(id => Describe(image, image.Topics[id], isOpening))]
            : [.. topics.Select(name => Describe(image, name, isOpening))],
    };

    private static TopicDescription Describe(MetadataImage image, string name, StillOpening isOpening)
    {
        if (!TopicNames.IsValid(name, out _))
            return new TopicDescription { Name = name ?? "", Error = ErrorCode.InvalidTopicException };

        return image.FindTopic(name) is { } topic
            ? Describe(image, topic, isOpening)
            : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition };
    }

    private static TopicDescription Describe(MetadataImage image, TopicImage topic, StillOpening isOpening)
    {
        var partitions = new PartitionDescription[topic.Partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = Describe(image, topic.Partitions[i], isOpening(topic.Name, topic.Partitions[i].Partition, topic.Partitions[i].Leader));

        return new TopicDescription
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = InternalTopics.Contains(topic.Name),
            Partitions = partitions,
        };
    }

    private static PartitionDescription Describe(MetadataImage image, PartitionImage partition, bool isOpening) => new()
    {
        Error = partition.HasLeader && !isOpening ? ErrorCode.None : ErrorCode.LeaderNotAvailable,
        Partition = partition.Partition,
        LeaderId = isOpening ? PartitionImage.NoLeader : partition.Leader,
        LeaderEpoch = partition.LeaderEpoch,
        PartitionEpoch = partition.PartitionEpoch,
        Replicas = [.. partition.Replicas],
        Isr = [.. partition.Isr],
        EligibleLeaderReplicas = [.. partition.Elr],
        OfflineReplicas = [.. partition.Replicas.Where(id => !image.IsServed(partition, id))],
    };

    private static BrokerDescription Describe(BrokerImage broker) => new()
    {
        Id = broker.Id,
        Host = broker.Endpoints.IsEmpty ? "" : broker.Endpoints[0].Host,
        Port = broker.Endpoints.IsEmpty ? 0 : broker.Endpoints[0].Port,
        Rack = broker.Rack,
        SiloAddress = broker.SiloAddress,
        Epoch = broker.Epoch,
        IsFenced = broker.Fenced,
    };
}

using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Turns the applied metadata into what clients ask for.</summary>
internal static class MetadataAnswers
{
    /// <summary>Tells which leader of a topic's partition clients are to hear of, or -1.</summary>
    public delegate int Leaders(string topic, PartitionImage partition);

    /// <summary>The named topics in the order asked, or all by name.</summary>
    public static ClusterMetadata Describe(MetadataImage image, string[]? topics, Leaders leaders) => new()
    {
        ClusterId = image.ClusterId,
        Version = image.Version,
        ControllerId = image.ControllerId,
        Brokers = [.. image.Brokers.Values.Where(broker => !broker.Fenced).Select(Describe)],
        Topics = topics is null
            ? [.. image.TopicIds.Values.Select(id => Describe(image, image.Topics[id], leaders))]
            : [.. topics.Select(name => Describe(image, name, leaders))],
    };

    /// <summary>The cluster without topics, its fenced brokers included.</summary>
    public static ClusterMetadata DescribeAllBrokers(MetadataImage image) => new()
    {
        ClusterId = image.ClusterId,
        Version = image.Version,
        ControllerId = image.ControllerId,
        Brokers = [.. image.Brokers.Values.Select(Describe)],
    };

    private static TopicDescription Describe(MetadataImage image, string name, Leaders leaders)
    {
        if (!TopicNames.IsValid(name, out _))
            return new TopicDescription { Name = name ?? "", Error = ErrorCode.InvalidTopicException };

        return image.FindTopic(name) is { } topic
            ? Describe(image, topic, leaders)
            : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition };
    }

    private static TopicDescription Describe(MetadataImage image, TopicImage topic, Leaders leaders)
    {
        var partitions = new PartitionDescription[topic.Partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = Describe(image, topic.Partitions[i], leaders(topic.Name, topic.Partitions[i]));

        return new TopicDescription
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = InternalTopics.Contains(topic.Name),
            Partitions = partitions,
        };
    }

    private static PartitionDescription Describe(MetadataImage image, PartitionImage partition, int leader) => new()
    {
        Error = leader == PartitionImage.NoLeader ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
        Partition = partition.Partition,
        LeaderId = leader,
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
        Host = broker.PublicEndpoint?.Host ?? "",
        Port = broker.PublicEndpoint?.Port ?? 0,
        Rack = broker.Rack,
        SiloAddress = broker.SiloAddress,
        Epoch = broker.Epoch,
        IsFenced = broker.Fenced,
        IsShuttingDown = broker.ShuttingDown,
    };
}

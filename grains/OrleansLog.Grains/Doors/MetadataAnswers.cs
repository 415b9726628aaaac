using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Turns the applied metadata into what clients ask for.</summary>
internal static class MetadataAnswers
{
    /// <summary>Says what clients are told about a topic's partition.</summary>
    public delegate ToldPartition Teller(MetadataImage image, string topic, PartitionImage partition);

    /// <summary>The named topics in the order asked, or all by name.</summary>
    public static ClusterMetadata Describe(MetadataImage image, int answering, string[]? topics, Teller tell) => new()
    {
        ClusterId = image.ClusterId,
        Version = image.Version,
        ControllerId = image.ControllerIdTold(answering),
        Brokers = [.. image.Brokers.Values.Where(broker => !broker.Fenced).Select(Describe)],
        Topics = topics is null
            ? [.. image.TopicIds.Values.Select(id => Describe(image, image.Topics[id], tell))]
            : [.. topics.Select(name => Describe(image, name, tell))],
    };

    /// <summary>The cluster without topics, its fenced brokers included.</summary>
    public static ClusterMetadata DescribeAllBrokers(MetadataImage image, int answering) => new()
    {
        ClusterId = image.ClusterId,
        Version = image.Version,
        ControllerId = image.ControllerIdTold(answering),
        Brokers = [.. image.Brokers.Values.Select(Describe)],
    };

    private static TopicDescription Describe(MetadataImage image, string name, Teller tell)
    {
        if (!TopicNames.IsValid(name, out _))
            return new TopicDescription { Name = name ?? "", Error = ErrorCode.InvalidTopicException };

        return image.FindTopic(name) is { } topic
            ? Describe(image, topic, tell)
            : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition };
    }

    private static TopicDescription Describe(MetadataImage image, TopicImage topic, Teller tell)
    {
        var partitions = new PartitionDescription[topic.Partitions.Length];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = Describe(tell(image, topic.Name, topic.Partitions[i]));

        return new TopicDescription
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = InternalTopics.Contains(topic.Name),
            Partitions = partitions,
        };
    }

    private static PartitionDescription Describe(ToldPartition partition) => new()
    {
        Error = partition.Error,
        Partition = partition.State.Partition,
        LeaderId = partition.LeaderId,
        LeaderEpoch = partition.State.LeaderEpoch,
        PartitionEpoch = partition.State.PartitionEpoch,
        Replicas = [.. partition.State.Replicas],
        Isr = [.. partition.State.Isr],
        EligibleLeaderReplicas = [.. partition.State.Elr],
        OfflineReplicas = [.. partition.OfflineReplicas],
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

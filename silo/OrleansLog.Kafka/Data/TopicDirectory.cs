using System.Collections.Immutable;
using OrleansLog.Core.Controller;
using OrleansLog.Grains;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol;

namespace OrleansLog.Kafka.Data;

/// <summary>Names, ids and leaders, as this broker's metadata has them now.</summary>
internal sealed class TopicDirectory(MetadataCache metadata, BrokerHost broker, ClientEndpoints endpoints)
{
    private const string CompressionType = "compression.type";

    /// <summary>The name of a topic id, or null.</summary>
    public string? NameOf(Uuid topicId) => metadata.Current.FindTopic(topicId.ToGuid())?.Name;

    /// <summary>Whether everything that is written to a topic is stored as Zstandard.</summary>
    public bool IsStoredAsZstd(string topic) =>
        (metadata.Current.ConfigsOf(ConfigOwner.Topic(topic)).GetValueOrDefault(CompressionType) ?? broker.Config.Entry(CompressionType)?.Value) == "zstd";

    /// <summary>Whom to ask instead of this broker (KIP-951); null when nobody leads, or no address is known.</summary>
    public CurrentLeader? LeaderOf(TopicPartition partition, RequestContext context)
    {
        var image = metadata.Current;
        return image.FindTopic(partition.Topic)?.Find(partition.Partition) is { HasLeader: true } found
            && image.FindBroker(found.Leader) is { } broker && endpoints.Of(broker, context) is var (host, port)
            ? new CurrentLeader(found.Leader, found.LeaderEpoch, host, port, broker.Rack)
            : null;
    }
}

/// <summary>The leader of a partition and where it is.</summary>
internal sealed record CurrentLeader(int Id, int Epoch, string Host, int Port, string? Rack);

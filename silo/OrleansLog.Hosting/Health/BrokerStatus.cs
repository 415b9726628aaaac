using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Hosting.Health;

/// <summary>How this silo's broker is doing, in numbers that cost nothing to read.</summary>
public sealed class BrokerStatus(BrokerConfig config, BrokerSession session, MetadataCache metadata)
{
    /// <summary><c>node.id</c>.</summary>
    public int NodeId => config.NodeId;

    /// <summary>Epoch of the registration with the controller, or -1 before it.</summary>
    public long BrokerEpoch => session.BrokerEpoch;

    /// <summary>Whether the broker is registered and may lead.</summary>
    public bool IsReady => session is { BrokerEpoch: >= 0, IsFenced: false };

    /// <summary>Id of the cluster; empty before the first controller.</summary>
    public string ClusterId => metadata.Current.ClusterId;

    /// <summary>Version of the metadata that is applied here.</summary>
    public long MetadataVersion => metadata.Version;

    /// <summary>Number of topics in the cluster.</summary>
    public int Topics => metadata.Current.Topics.Count;

    /// <summary>Number of partitions in the cluster.</summary>
    public int Partitions => metadata.Current.PartitionCount;
}

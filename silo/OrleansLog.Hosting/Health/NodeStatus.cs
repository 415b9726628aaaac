using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Hosting.Health;

/// <summary>How this silo is doing as a part of the log's cluster, in numbers that cost nothing to read: <see cref="BrokerStatus"/> or <see cref="ControllerStatus"/>.</summary>
public abstract class NodeStatus(BrokerConfig config, MetadataCache metadata)
{
    /// <summary><c>node.id</c>.</summary>
    public int NodeId => config.NodeId;

    /// <summary>What it is, for a line of a log.</summary>
    public abstract string Description { get; }

    /// <summary>Completes when the silo is first one of the cluster.</summary>
    public abstract Task Joined { get; }

    /// <summary>Completes when it is first ready for what it is there for.</summary>
    public abstract Task Ready { get; }

    /// <summary>Why it cannot go on and has asked the application to stop; null while it can.</summary>
    public abstract Exception? Failure { get; }

    /// <summary>Why it is not ready, or null when it is.</summary>
    public abstract string? NotReadyBecause { get; }

    /// <summary>Whether it is ready now.</summary>
    public bool IsReady => NotReadyBecause is null;

    /// <summary>Epoch of a broker's registration with the controller; -1 before it, and for a silo that is no broker.</summary>
    public virtual long BrokerEpoch => -1;

    /// <summary>Id of the cluster; empty before the first controller.</summary>
    public string ClusterId => metadata.Current.ClusterId;

    /// <summary>Version of the metadata that is applied here.</summary>
    public long MetadataVersion => metadata.Version;

    /// <summary>Number of topics in the cluster.</summary>
    public int Topics => metadata.Current.Topics.Count;

    /// <summary>Number of partitions in the cluster.</summary>
    public int Partitions => metadata.Current.PartitionCount;
}

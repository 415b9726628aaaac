using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Hosting.Health;

/// <summary>How this silo's broker is doing, in numbers that cost nothing to read.</summary>
public sealed class BrokerStatus(BrokerConfig config, BrokerSession session, MetadataCache metadata, BrokerHost host)
{
    /// <summary><c>node.id</c>.</summary>
    public int NodeId => config.NodeId;

    /// <summary>Epoch of the registration with the controller, or -1 before it.</summary>
    public long BrokerEpoch => session.BrokerEpoch;

    /// <summary>Whether the broker is registered and may lead.</summary>
    public bool IsUnfenced => session is { BrokerEpoch: >= 0, IsFenced: false };

    /// <summary>Whether every log that the metadata asked for at the start is open, or known to be lost.</summary>
    public bool IsRecovered => host.IsRecovered;

    /// <summary>Whether it has taken up what it was given to lead at the start, and its groups' coordinators have loaded, or cannot.</summary>
    public bool HasTakenUp => host.Ready.IsCompletedSuccessfully;

    /// <summary>Whether clients can be sent here: it may lead, its logs are open, it has taken up what it leads, and a directory takes records.</summary>
    public bool IsReady => NotReadyBecause is null;

    /// <summary>Why it is not ready, or null when it is.</summary>
    public string? NotReadyBecause =>
        !IsUnfenced ? $"broker {NodeId} is not registered with the controller, or fenced"
        : !IsRecovered ? $"broker {NodeId} is still opening its logs"
        : !HasTakenUp ? $"broker {NodeId} is still loading the groups that it coordinates"
        : host.TakesNoRecordsBecause is { } reason ? $"broker {NodeId} takes no records: {reason}"
        : null;

    /// <summary>Id of the cluster; empty before the first controller.</summary>
    public string ClusterId => metadata.Current.ClusterId;

    /// <summary>Version of the metadata that is applied here.</summary>
    public long MetadataVersion => metadata.Version;

    /// <summary>Number of topics in the cluster.</summary>
    public int Topics => metadata.Current.Topics.Count;

    /// <summary>Number of partitions in the cluster.</summary>
    public int Partitions => metadata.Current.PartitionCount;
}

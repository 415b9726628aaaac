using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Hosting.Health;

/// <summary>How this silo's broker is doing.</summary>
public sealed class BrokerStatus(BrokerConfig config, BrokerSession session, MetadataCache metadata, BrokerHost host) : NodeStatus(config, metadata)
{
    /// <inheritdoc/>
    public override string Description => $"broker {NodeId}, epoch {BrokerEpoch}";

    /// <inheritdoc/>
    public override Task Joined => session.Unfenced;

    /// <inheritdoc/>
    public override Task Ready => host.Ready;

    /// <inheritdoc/>
    public override Exception? Failure => session.Failure;

    /// <inheritdoc/>
    public override long BrokerEpoch => session.BrokerEpoch;

    /// <summary>Whether the broker is registered and may lead.</summary>
    public bool IsUnfenced => session is { BrokerEpoch: >= 0, IsFenced: false };

    /// <summary>Whether every log that the metadata asked for at the start is open, or known to be lost.</summary>
    public bool IsRecovered => host.IsRecovered;

    /// <summary>Whether it has taken up what it was given to lead at the start, and its groups' coordinators have loaded, or cannot.</summary>
    public bool HasTakenUp => host.Ready.IsCompletedSuccessfully;

    /// <summary>Why clients cannot be sent here; null when it may lead, its logs are open, it has taken up what it leads, and a directory takes records.</summary>
    public override string? NotReadyBecause =>
        !IsUnfenced ? $"broker {NodeId} is not registered with the controller, or fenced"
        : !IsRecovered ? $"broker {NodeId} is still opening its logs"
        : !HasTakenUp ? $"broker {NodeId} is still loading the groups that it coordinates"
        : host.TakesNoRecordsBecause is { } reason ? $"broker {NodeId} takes no records: {reason}"
        : null;
}

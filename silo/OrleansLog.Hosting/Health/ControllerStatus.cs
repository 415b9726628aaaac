using OrleansLog.Core.Configuration;
using OrleansLog.Grains;

namespace OrleansLog.Hosting.Health;

/// <summary>How a silo is doing that may host the controller and is no broker.</summary>
public sealed class ControllerStatus(BrokerConfig config, CandidateSession session, MetadataCache metadata) : NodeStatus(config, metadata)
{
    /// <inheritdoc/>
    public override string Description => $"controller {NodeId}";

    /// <inheritdoc/>
    public override Task Joined => session.Joined;

    /// <inheritdoc/>
    public override Task Ready => session.Joined;

    /// <inheritdoc/>
    public override Exception? Failure => session.Failure;

    /// <inheritdoc/>
    public override string? NotReadyBecause => session.IsInTouch ? null : $"controller {NodeId} hears of no active controller";
}

using OrleansLog.Core.Configuration;

namespace OrleansLog.Kafka.Network;

/// <summary>What a connection goes by, as it was when the listener was bound.</summary>
internal sealed record ConnectionSettings
{
    public required int RequestMaxBytes { get; init; }

    /// <summary>Bytes of unanswered requests above which the connection is not read.</summary>
    public required long UnansweredMaxBytes { get; init; }

    /// <summary>Unanswered requests above which the connection is not read.</summary>
    public required int UnansweredMax { get; init; }

    public required TimeSpan IdleMax { get; init; }

    public required TimeSpan StallMax { get; init; }

    public static ConnectionSettings From(BrokerConfig config) => new()
    {
        RequestMaxBytes = config.SocketRequestMaxBytes,
        UnansweredMaxBytes = config.ConnectionRequestMaxBytes,
        UnansweredMax = config.QueuedMaxRequests,
        IdleMax = TimeSpan.FromMilliseconds(Math.Min(config.ConnectionsMaxIdleMs, int.MaxValue)),
        StallMax = TimeSpan.FromMilliseconds(Math.Min(config.RequestStallMaxMs, int.MaxValue)),
    };
}

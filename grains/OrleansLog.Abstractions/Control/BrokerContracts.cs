using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A broker asks the controller to be one of the cluster (D11).</summary>
[GenerateSerializer, Immutable, Alias("olog.BrokerRegistration")]
public sealed record BrokerRegistration
{
    /// <summary><c>node.id</c>.</summary>
    [Id(0)] public required int NodeId { get; init; }

    /// <summary>New with every start of the process; tells a retry from a second process with the same id.</summary>
    [Id(1)] public required Guid IncarnationId { get; init; }

    /// <summary>Silo that the broker runs on.</summary>
    [Id(2)] public required string SiloAddress { get; init; }

    /// <summary>Cluster id that its directories carry, or null for fresh ones.</summary>
    [Id(3)] public string? ClusterId { get; init; }

    /// <summary>Its public listeners.</summary>
    [Id(4)] public BrokerEndpoint[] Endpoints { get; init; } = [];

    /// <summary><c>broker.rack</c>.</summary>
    [Id(6)] public string? Rack { get; init; }

    /// <summary>Ids of the log directories that are online.</summary>
    [Id(7)] public Guid[] DirectoryIds { get; init; } = [];

    /// <summary>Broker epoch of the last clean stop, from its marker, or -1.</summary>
    [Id(8)] public long PreviousBrokerEpoch { get; init; } = -1;

    /// <summary>True when unsynced data may be gone: no clean marker and another boot of the machine (D11).</summary>
    [Id(9)] public bool MayHaveLostUnsynced { get; init; }

    /// <summary>Highest metadata.version that this build understands.</summary>
    [Id(10)] public short MaxMetadataVersion { get; init; } = 1;

    /// <summary>Highest controller epoch that the broker has seen, or -1.</summary>
    [Id(11)] public long KnownControllerEpoch { get; init; } = -1;
}

/// <summary>A public listener of a broker, as clients are told of it.</summary>
/// <param name="Name">Listener name, such as <c>PLAINTEXT</c>.</param>
/// <param name="Protocol">Security protocol, such as <c>PLAINTEXT</c>.</param>
/// <param name="Host">Advertised host.</param>
/// <param name="Port">Advertised port.</param>
[GenerateSerializer, Immutable, Alias("olog.BrokerEndpoint")]
public sealed record BrokerEndpoint(
    [property: Id(0)] string Name,
    [property: Id(1)] string Protocol,
    [property: Id(2)] string Host,
    [property: Id(3)] int Port);

/// <summary>The controller's answer to a registration.</summary>
[GenerateSerializer, Immutable, Alias("olog.BrokerRegistrationResult")]
public sealed record BrokerRegistrationResult
{
    /// <summary><see cref="ErrorCode.None"/>, <see cref="ErrorCode.DuplicateBrokerRegistration"/>, <see cref="ErrorCode.InconsistentClusterId"/>, ...</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong and what to do.</summary>
    [Id(1)] public string? Message { get; init; }

    /// <summary>The broker epoch: metadata version of the registration.</summary>
    [Id(2)] public long BrokerEpoch { get; init; } = -1;

    /// <summary>Id of the cluster.</summary>
    [Id(3)] public string ClusterId { get; init; } = "";

    /// <summary>Epoch of the controller that answers.</summary>
    [Id(4)] public long ControllerEpoch { get; init; } = -1;

    /// <summary>How long the session lives without a heartbeat, in milliseconds.</summary>
    [Id(5)] public int SessionTimeoutMs { get; init; }

    /// <summary>Refused as a duplicate: how long ago the controller heard the broker that holds the id, in milliseconds; else -1.</summary>
    [Id(6)] public long LastContactAgeMs { get; init; } = -1;
}

/// <summary>Heartbeat and metadata tail in one call (D11).</summary>
[GenerateSerializer, Immutable, Alias("olog.BrokerHeartbeat")]
public sealed record BrokerHeartbeat
{
    /// <summary><c>node.id</c>.</summary>
    [Id(0)] public required int NodeId { get; init; }

    /// <summary>Broker epoch of the registration.</summary>
    [Id(1)] public required long BrokerEpoch { get; init; }

    /// <summary>Highest metadata version that the broker has applied.</summary>
    [Id(2)] public required long AppliedVersion { get; init; }

    /// <summary>Highest controller epoch that the broker has seen, or -1.</summary>
    [Id(3)] public long KnownControllerEpoch { get; init; } = -1;

    /// <summary>True while the broker does not want to lead (not caught up yet, or without a directory).</summary>
    [Id(4)] public bool WantsFence { get; init; }

    /// <summary>True when the broker asks for its leaderships to be moved so that it can stop.</summary>
    [Id(5)] public bool WantsShutdown { get; init; }

    /// <summary>Directories that failed since the registration.</summary>
    [Id(6)] public Guid[] OfflineDirectoryIds { get; init; } = [];

    /// <summary>Longest wait for a newer metadata version, in milliseconds; at most a third of the session.</summary>
    [Id(7)] public int MaxWaitMs { get; init; }
}

/// <summary>The answer to a <see cref="BrokerHeartbeat"/>.</summary>
[GenerateSerializer, Immutable, Alias("olog.BrokerHeartbeatResult")]
public sealed record BrokerHeartbeatResult
{
    /// <summary><see cref="ErrorCode.None"/>, <see cref="ErrorCode.StaleBrokerEpoch"/>, <see cref="ErrorCode.NotController"/>, ...</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Epoch of the controller that answers; lower than one already seen: ignore the answer.</summary>
    [Id(1)] public long ControllerEpoch { get; init; } = -1;

    /// <summary>True while the broker is fenced.</summary>
    [Id(2)] public bool IsFenced { get; init; }

    /// <summary>True when the broker asked to stop and nothing holds it any more.</summary>
    [Id(3)] public bool MayShutDown { get; init; }

    /// <summary>A snapshot to start from when the entries that the broker misses are gone; else null.</summary>
    [Id(4)] public MetadataEntry? Snapshot { get; init; }

    /// <summary>Entries after the snapshot or after what the broker has applied, in order, without a gap.</summary>
    [Id(5)] public MetadataEntry[] Entries { get; init; } = [];

    /// <summary>What was wrong and what to do.</summary>
    [Id(6)] public string? Message { get; init; }
}

/// <summary>One version of the metadata log, as stored.</summary>
/// <param name="Version">Its number; each is the one before plus one.</param>
/// <param name="Payload">Its records, encoded by the controller room.</param>
[GenerateSerializer, Immutable, Alias("olog.MetadataEntry")]
public sealed record MetadataEntry([property: Id(0)] long Version, [property: Id(1)] ReadOnlyMemory<byte> Payload);

/// <summary>A broker tells in which of its directories replicas came to lie.</summary>
/// <param name="NodeId"><c>node.id</c>.</param>
/// <param name="BrokerEpoch">Broker epoch of the registration.</param>
/// <param name="Assignments">The replicas.</param>
[GenerateSerializer, Immutable, Alias("olog.DirectoryAssignments")]
public sealed record DirectoryAssignments(
    [property: Id(0)] int NodeId,
    [property: Id(1)] long BrokerEpoch,
    [property: Id(2)] DirectoryAssignment[] Assignments);

/// <summary>One replica and its directory.</summary>
/// <param name="TopicId">Topic id.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="DirectoryId">Directory id.</param>
[GenerateSerializer, Immutable, Alias("olog.DirectoryAssignment")]
public readonly record struct DirectoryAssignment(
    [property: Id(0)] Guid TopicId,
    [property: Id(1)] int Partition,
    [property: Id(2)] Guid DirectoryId);

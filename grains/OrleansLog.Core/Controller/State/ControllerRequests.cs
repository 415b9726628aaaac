using System.Collections.Immutable;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

/// <summary>A broker asks to be one of the cluster.</summary>
public sealed record RegisterBroker
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>New with every start of the process.</summary>
    public required Guid IncarnationId { get; init; }

    /// <summary>Silo that it runs on, in the form <c>address:port@generation</c>.</summary>
    public required string SiloAddress { get; init; }

    /// <summary>Cluster id of its directories, or null for fresh ones.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Its listeners.</summary>
    public ImmutableArray<EndpointImage> Endpoints { get; init; } = [];

    /// <summary><c>broker.rack</c>.</summary>
    public string? Rack { get; init; }

    /// <summary>Its online directories.</summary>
    public ImmutableArray<Guid> Directories { get; init; } = [];

    /// <summary>True when unsynced data may be gone (D11).</summary>
    public bool MayHaveLostUnsynced { get; init; }

    /// <summary>Highest <c>metadata.version</c> that its build understands.</summary>
    public short MaxMetadataVersion { get; init; } = MetadataVersions.Max;

    /// <summary>True when Orleans knows that the silo of the registration before is no more.</summary>
    public bool PreviousSiloIsDead { get; init; }
}

/// <summary>The answer to <see cref="RegisterBroker"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why it was refused.</param>
/// <param name="Message">What was wrong and what to do.</param>
/// <param name="BrokerEpoch">Epoch of the registration, or -1.</param>
/// <param name="LastContactAgeMs">Refused as a duplicate: how long ago the live broker was heard.</param>
public sealed record RegisterBrokerAnswer(ErrorCode Error, string? Message = null, long BrokerEpoch = -1, long LastContactAgeMs = -1);

/// <summary>A broker is alive.</summary>
public sealed record BrokerAlive
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>Broker epoch of its registration.</summary>
    public required long BrokerEpoch { get; init; }

    /// <summary>Metadata version that it has applied.</summary>
    public required long AppliedVersion { get; init; }

    /// <summary>It does not want to lead now.</summary>
    public bool WantsFence { get; init; }

    /// <summary>It wants to stop.</summary>
    public bool WantsShutdown { get; init; }

    /// <summary>Directories that failed since its registration.</summary>
    public ImmutableArray<Guid> OfflineDirectories { get; init; } = [];
}

/// <summary>The answer to <see cref="BrokerAlive"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/> or <see cref="ErrorCode.StaleBrokerEpoch"/>.</param>
/// <param name="IsFenced">Whether the broker is fenced.</param>
/// <param name="MayShutDown">Whether nothing holds a broker that wants to stop any more.</param>
/// <param name="Message">What was wrong and what to do.</param>
public sealed record BrokerAliveAnswer(ErrorCode Error, bool IsFenced = true, bool MayShutDown = false, string? Message = null);

/// <summary>A silo that may host the controller and is no broker is alive.</summary>
public sealed record CandidateAlive
{
    /// <summary><c>node.id</c>.</summary>
    public required int Id { get; init; }

    /// <summary>New with every start of the process.</summary>
    public required Guid IncarnationId { get; init; }

    /// <summary>Silo that it is, in the form <c>address:port@generation</c>.</summary>
    public required string SiloAddress { get; init; }

    /// <summary>What <see cref="CandidateAnswer.JoinedEpoch"/> it was told first, by this controller or one before; -1 when it comes.</summary>
    public long JoinedEpoch { get; init; } = -1;

    /// <summary>True when Orleans knows that the silo of a broker with this id is no more.</summary>
    public bool PreviousSiloIsDead { get; init; }
}

/// <summary>The answer to <see cref="CandidateAlive"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/> or <see cref="ErrorCode.DuplicateBrokerRegistration"/>.</param>
/// <param name="Message">What was wrong and what to do.</param>
/// <param name="LastContactAgeMs">Refused as a duplicate: how long ago the one that has the id was heard.</param>
public sealed record CandidateAnswer(ErrorCode Error, string? Message = null, long LastContactAgeMs = -1)
{
    /// <summary>Epoch of the controller that it came to; of two with one id the earlier one has it.</summary>
    public long JoinedEpoch { get; init; } = -1;
}

/// <summary>A topic to create.</summary>
public sealed record CreateTopic
{
    /// <summary>Topic name.</summary>
    public required string Name { get; init; }

    /// <summary>Number of partitions, or -1 for <c>num.partitions</c>.</summary>
    public int Partitions { get; init; } = -1;

    /// <summary>Copies of each, or -1 for <c>default.replication.factor</c>.</summary>
    public int ReplicationFactor { get; init; } = -1;

    /// <summary>Its configuration.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Brokers of each partition, or null.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Assignments { get; init; }
}

/// <summary>Raises the number of partitions of a topic.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="TotalCount">Number of partitions afterwards.</param>
/// <param name="Assignments">Brokers of each added partition, or null.</param>
public sealed record GrowTopic(string Topic, int TotalCount, IReadOnlyList<IReadOnlyList<int>>? Assignments = null);

/// <summary>What became of one topic of a request.</summary>
/// <param name="Name">Topic name.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when done.</param>
/// <param name="Message">What was wrong and what to do.</param>
/// <param name="Id">Topic id.</param>
/// <param name="Partitions">Number of partitions.</param>
/// <param name="ReplicationFactor">Copies of each.</param>
public sealed record TopicAnswer(
    string Name, ErrorCode Error, string? Message = null, Guid Id = default, int Partitions = 0, int ReplicationFactor = 0);

/// <summary>What to do with a configuration value, as Kafka numbers it.</summary>
public enum ConfigEdit : sbyte
{
    /// <summary>Sets it.</summary>
    Set = 0,

    /// <summary>Removes it.</summary>
    Delete = 1,

    /// <summary>Adds elements to a list.</summary>
    Append = 2,

    /// <summary>Takes elements out of a list.</summary>
    Subtract = 3,
}

/// <summary>One change of a configuration value.</summary>
/// <param name="Key">Configuration key.</param>
/// <param name="Edit">What to do.</param>
/// <param name="Value">The value or the elements; null to delete.</param>
public sealed record EditConfig(string Key, ConfigEdit Edit, string? Value);

/// <summary>The changes of one owner; all or none take effect.</summary>
/// <param name="Owner">Whose configuration.</param>
/// <param name="Edits">The changes.</param>
/// <param name="ReplaceAll">True: what is not named goes back to its default.</param>
public sealed record AlterConfig(ConfigOwner Owner, IReadOnlyList<EditConfig> Edits, bool ReplaceAll);

/// <summary>What became of an <see cref="AlterConfig"/>.</summary>
/// <param name="Owner">Whose configuration.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when done.</param>
/// <param name="Message">What was wrong and what is allowed.</param>
public sealed record ConfigAnswer(ConfigOwner Owner, ErrorCode Error, string? Message = null);

/// <summary>Elects a leader by force, losing what only the others had: the operator accepts the loss.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
public sealed record AcceptLoss(string Topic, int Partition);

/// <summary>A replica lies in a directory.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="DirectoryId">The directory.</param>
public readonly record struct ReplicaDirectory(TopicIdPartition Partition, Guid DirectoryId);

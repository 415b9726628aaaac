using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A topic to create.</summary>
[GenerateSerializer, Immutable, Alias("olog.NewTopic")]
public sealed record NewTopic
{
    /// <summary>Topic name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Number of partitions, or -1 for <c>num.partitions</c>.</summary>
    [Id(1)] public int Partitions { get; init; } = -1;

    /// <summary>Copies of each partition, or -1 for <c>default.replication.factor</c>.</summary>
    [Id(2)] public short ReplicationFactor { get; init; } = -1;

    /// <summary>Topic configuration to set; the rest comes from the brokers.</summary>
    [Id(3)] public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();

    /// <summary>Brokers of each partition, instead of the two numbers above; null lets the controller choose.</summary>
    [Id(4)] public int[][]? Assignments { get; init; }
}

/// <summary>What became of one topic of an admin request.</summary>
[GenerateSerializer, Immutable, Alias("olog.TopicResult")]
public sealed record TopicResult
{
    /// <summary>Topic name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary><see cref="ErrorCode.None"/> when done.</summary>
    [Id(1)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong and what to do.</summary>
    [Id(2)] public string? Message { get; init; }

    /// <summary>Topic id, where the topic exists.</summary>
    [Id(3)] public Guid TopicId { get; init; }

    /// <summary>Number of partitions it has now.</summary>
    [Id(4)] public int Partitions { get; init; }

    /// <summary>Replication factor.</summary>
    [Id(5)] public short ReplicationFactor { get; init; }
}

/// <summary>Raises the number of partitions of a topic.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="TotalCount">Number of partitions afterwards; must be more than now.</param>
/// <param name="Assignments">Brokers of each added partition, or null to let the controller choose.</param>
[GenerateSerializer, Immutable, Alias("olog.NewPartitions")]
public sealed record NewPartitions(
    [property: Id(0)] string Topic,
    [property: Id(1)] int TotalCount,
    [property: Id(2)] int[][]? Assignments = null);

/// <summary>Results of an admin request, and the metadata version that holds them.</summary>
/// <param name="Version">Metadata version after the change; a broker that has applied it shows the change.</param>
/// <param name="Results">One for each item of the request, in its order.</param>
[GenerateSerializer, Immutable, Alias("olog.TopicResults")]
public sealed record TopicResults([property: Id(0)] long Version, [property: Id(1)] TopicResult[] Results);

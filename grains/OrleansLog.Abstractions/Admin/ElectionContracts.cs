using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>How to elect on demand, as Kafka numbers it.</summary>
public enum ElectionType : sbyte
{
    /// <summary>The first replica of the assignment, where it is in the ISR.</summary>
    Preferred = 0,

    /// <summary>Anyone alive where nobody leads, whatever it lost.</summary>
    Unclean = 1,
}

/// <summary>Moves a partition to other brokers, or stops that.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Replicas">Brokers afterwards, preferred leader first; null cancels what is under way.</param>
[GenerateSerializer, Immutable, Alias("olog.PartitionReassignment")]
public sealed record PartitionReassignment(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int[]? Replicas);

/// <summary>What became of one partition of a request.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when done.</param>
/// <param name="Message">What was wrong and what to do.</param>
[GenerateSerializer, Immutable, Alias("olog.PartitionResult")]
public sealed record PartitionResult(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] ErrorCode Error,
    [property: Id(3)] string? Message = null);

/// <summary>What became of each partition.</summary>
/// <param name="Version">Metadata version that the answers rest on, or -1.</param>
/// <param name="Results">One for each partition.</param>
[GenerateSerializer, Immutable, Alias("olog.PartitionResults")]
public sealed record PartitionResults([property: Id(0)] long Version, [property: Id(1)] PartitionResult[] Results)
{
    /// <summary><see cref="ErrorCode.None"/>, or why nothing was looked at.</summary>
    [Id(2)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong with the whole request.</summary>
    [Id(3)] public string? Message { get; init; }
}

/// <summary>A reassignment under way.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Replicas">All replicas: the target, preferred leader first, and those that go.</param>
/// <param name="Adding">Replicas that it adds.</param>
/// <param name="Removing">Replicas that it takes away once the added ones are in sync.</param>
[GenerateSerializer, Immutable, Alias("olog.OngoingReassignment")]
public sealed record OngoingReassignment(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int[] Replicas,
    [property: Id(3)] int[] Adding,
    [property: Id(4)] int[] Removing);

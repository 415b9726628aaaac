using OrleansLog.Core.Partition;

namespace OrleansLog.Simulation;

/// <summary>What a producer knows of its records.</summary>
internal enum Outcome : byte
{
    /// <summary>No answer yet, or none that says anything.</summary>
    Unknown,

    /// <summary>Stored, as it was asked for.</summary>
    Acknowledged,

    /// <summary>Not appended, now or ever.</summary>
    Refused,

    /// <summary>Appended by a leader that then could not acknowledge it.</summary>
    Failed,
}

/// <summary>A producer's request: some records for one partition.</summary>
/// <param name="producer">Who sends.</param>
/// <param name="partition">Where to.</param>
/// <param name="acks">What it waits for.</param>
internal sealed class SimAppend(int producer, PartitionHistory partition, AckLevel acks)
{
    public int Producer { get; } = producer;

    public PartitionHistory Partition { get; } = partition;

    public AckLevel Acks { get; } = acks;

    public Outcome Outcome { get; set; }

    /// <summary>Its first offset, or -1 when it was not appended.</summary>
    public long FirstOffset { get; set; } = -1;

    public required SimRecord[] Records { get; init; }

    public long NextOffset => FirstOffset + Records.Length;

    /// <summary>The unclean elections of the partition when it was appended: one more excuses its loss.</summary>
    public int Era { get; set; }

    /// <summary>What its producer had acknowledged when it was sent ends here.</summary>
    public long AfterOffset { get; init; }

    public long SentAtMs { get; init; }
}

namespace OrleansLog.Cluster.Tests.History;

/// <summary>What a producer was told about a record.</summary>
public enum Outcome
{
    /// <summary>The answer was lost: it may be in the log.</summary>
    Unknown,

    /// <summary>
    /// Stored, at the offset given; at an unknown one where that is negative: librdkafka concludes from the answer to a later batch that an earlier
    /// one, whose own answer was lost, is stored.
    /// </summary>
    Acknowledged,

    /// <summary>Certainly not stored.</summary>
    Refused,
}

/// <summary>One record that was sent. Values are unique in a history; <paramref name="Sequence"/> is the order of sending of its producer.</summary>
public sealed record SentRecord(int Partition, long Sequence, string Value, Outcome Outcome, long Offset = -1, int Producer = 0);

/// <summary>One record that was read back.</summary>
public sealed record ReadRecord(int Partition, long Offset, string Value);

namespace OrleansLog.Grains;

/// <summary>How far a follower has come in one partition, and so what it asks its leader for.</summary>
public readonly record struct ReplicaPosition
{
    /// <summary>Topic id.</summary>
    public required Guid TopicId { get; init; }

    /// <summary>Partition number, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Leader epoch that it follows.</summary>
    public required int LeaderEpoch { get; init; }

    /// <summary>Its log end offset; under <c>orleanslog.flush.policy=ack</c> it asks once all before it is on disk (D4).</summary>
    public required long FetchOffset { get; init; }

    /// <summary>The latest epoch of its history, or -1.</summary>
    public required int LastFetchedEpoch { get; init; }

    /// <summary>Its log start offset.</summary>
    public required long LogStartOffset { get; init; }

    /// <summary>Whether records from <see cref="FetchOffset"/> on, which it had, cannot be read any more (D15).</summary>
    public bool HasLost { get; init; }

    /// <summary>Bytes that it takes of this partition; one batch may be larger.</summary>
    public required int MaxBytes { get; init; }
}

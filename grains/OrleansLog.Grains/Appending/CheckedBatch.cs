namespace OrleansLog.Grains.Appending;

/// <summary>A batch that passed every check of D14 and may be appended as it is.</summary>
internal readonly struct CheckedBatch
{
    /// <summary>The batch, maybe compressed anew.</summary>
    public required Memory<byte> Bytes { get; init; }

    /// <summary>Records in it.</summary>
    public required int RecordCount { get; init; }

    /// <summary>The idempotent producer's id, or -1.</summary>
    public required long ProducerId { get; init; }

    /// <summary>The time that the broker stamped, or -1.</summary>
    public long LogAppendTimeMs { get; init; }

    /// <summary>True when the producer's own memory carries the broker's timestamp now.</summary>
    public bool IsStamped { get; init; }

    /// <summary>The largest timestamp as the producer sent it, to give a refused batch back unchanged.</summary>
    public long ProducersMaxTimestampMs { get; init; }

    /// <summary>Gives the memory of a batch that was compressed anew back.</summary>
    public IDisposable? Owner { get; init; }
}

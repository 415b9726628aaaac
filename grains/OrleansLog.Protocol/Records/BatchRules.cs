namespace OrleansLog.Protocol.Records;

/// <summary>What a leader asks of a batch, from the topic's configuration and the time of the request (D14).</summary>
public readonly record struct BatchRules
{
    /// <summary>Rules that only ask for a well-formed batch of a client.</summary>
    public BatchRules()
    {
    }

    /// <summary>Largest batch in bytes, as it travels (<c>max.message.bytes</c>).</summary>
    public int MaxBatchBytes { get; init; } = int.MaxValue;

    /// <summary>Whether every record needs a key: compacted topics. Compressed batches are then opened.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Whether control batches are allowed: only for coordinators inside the broker.</summary>
    public bool AllowControl { get; init; }

    /// <summary>The time of the append in milliseconds since 1970.</summary>
    public long NowMs { get; init; }

    /// <summary>How far timestamps may lie in the past (<c>message.timestamp.before.max.ms</c>).</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>How far timestamps may lie in the future (<c>message.timestamp.after.max.ms</c>).</summary>
    public long TimestampAfterMaxMs { get; init; } = long.MaxValue;

    /// <summary>The topic's timestamp type; with <see cref="TimestampType.LogAppendTime"/> the producer's timestamps do not matter.</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>Largest size of a compressed batch's records once opened.</summary>
    public long MaxDecompressedBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Whether compressed batches are opened and their records checked one by one.</summary>
    public bool OpenCompressed { get; init; }
}

namespace OrleansLog.Log;

/// <summary>How an append ended.</summary>
public enum AppendStatus : byte
{
    /// <summary>All batches are in the log.</summary>
    Appended,

    /// <summary>The disk refused; nothing of the append is in the log and its end is where it was (S8).</summary>
    DiskError,

    /// <summary>The log failed earlier (a cut or an fsync that failed) and takes nothing until it is opened again.</summary>
    LogFailed,
}

/// <summary>The result of <see cref="PartitionLog.Append"/>.</summary>
public readonly record struct AppendOutcome
{
    /// <summary>How it ended.</summary>
    public AppendStatus Status { get; init; }

    /// <summary>The disk's error, where there was one.</summary>
    public DiskException? Error { get; init; }

    /// <summary>The first offset given out; the log end where nothing was appended.</summary>
    public long FirstOffset { get; init; }

    /// <summary>The log end after the append.</summary>
    public long LogEndOffset { get; init; }

    /// <summary>Bytes appended.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether a segment was rolled: the caller should have <see cref="PartitionLog.Flush()"/> called soon, so that
    /// the recovery point follows.</summary>
    public bool Rolled { get; init; }
}

/// <summary>The result of a flush.</summary>
public readonly record struct FlushOutcome
{
    /// <summary>The durable end after it.</summary>
    public long DurableEndOffset { get; init; }

    /// <summary>The disk's error; the log has failed for good then (S8).</summary>
    public DiskException? Error { get; init; }
}

/// <summary>What a flush has to make durable: taken on one thread, carried out on another.</summary>
public readonly struct FlushTicket
{
    internal FlushTicket(long targetOffset, long generation)
    {
        TargetOffset = targetOffset;
        Generation = generation;
    }

    /// <summary>The log end that will be durable.</summary>
    public long TargetOffset { get; }

    internal long Generation { get; }
}

/// <summary>The result of retention or of DeleteRecords.</summary>
public readonly record struct RetentionResult
{
    /// <summary>Files renamed to <c>.deleted</c>; delete them after <c>file.delete.delay.ms</c>.</summary>
    public IReadOnlyList<string> FilesToDelete { get; init; }

    /// <summary>How many segments went.</summary>
    public int SegmentsDeleted { get; init; }

    /// <summary>Bytes of log that went.</summary>
    public long BytesDeleted { get; init; }

    /// <summary>The log start offset after it; write it to the checkpoint.</summary>
    public long LogStartOffset { get; init; }

    /// <summary>The disk's error that stopped it half-way, where there was one.</summary>
    public DiskException? Error { get; init; }
}

/// <summary>A timestamp and the offset of a record.</summary>
/// <param name="TimestampMs">Milliseconds since the Unix epoch; -1 where unknown.</param>
/// <param name="Offset">The offset; -1 where unknown.</param>
public readonly record struct TimestampOffset(long TimestampMs, long Offset)
{
    /// <summary>No record.</summary>
    public static TimestampOffset Unknown { get; } = new(-1, -1);
}

namespace OrleansLog.Log;

/// <summary>What is wrong with a range of a log.</summary>
public enum DamageKind
{
    /// <summary>Bytes that are no batch: a header that cannot be, or a batch cut off.</summary>
    Unreadable,

    /// <summary>A batch whose CRC does not match.</summary>
    ChecksumMismatch,

    /// <summary>A batch whose offsets do not follow those before it.</summary>
    OffsetOrder,

    /// <summary>Records below the checkpointed high watermark, or between two segments, are not there.</summary>
    Missing,
}

/// <summary>
/// A range of offsets that was accepted and cannot be read (D15). Readers of it get CORRUPT_MESSAGE; the rest is served.
/// </summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="File">The segment's file; it is left as it is.</param>
/// <param name="Position">Where in the file the damage begins.</param>
/// <param name="FromOffset">The first offset that cannot be read.</param>
/// <param name="ToOffset">The first offset after it that can be read, or the end of the log.</param>
public sealed record LogDamage(DamageKind Kind, string File, long Position, long FromOffset, long ToOffset)
{
    /// <summary>One line that names file, position and offsets.</summary>
    public string Message =>
        $"Log file '{File}' is damaged at byte {Position} ({Kind}): offsets {FromOffset} to {ToOffset - 1} cannot be read.";
}

/// <summary>Thrown where damage leaves nothing to return: see <see cref="Damage"/> for file and offset.</summary>
public sealed class LogCorruptionException(LogDamage damage) : IOException(damage.Message)
{
    /// <summary>The damage.</summary>
    public LogDamage Damage { get; } = damage;
}

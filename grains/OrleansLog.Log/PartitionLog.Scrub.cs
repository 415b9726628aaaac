using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>The result of <see cref="PartitionLog.Scrub"/>.</summary>
public readonly record struct ScrubOutcome
{
    /// <summary>Where to go on; the log start once the end was reached.</summary>
    public long NextOffset { get; init; }

    /// <summary>Bytes read and checked.</summary>
    public long BytesChecked { get; init; }

    /// <summary>Whether the end was reached.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Damage at this place; all of it is in <see cref="PartitionLog.Damage"/>.</summary>
    public LogDamage? Damage { get; init; }

    /// <summary>The disk's error, where it could not be read.</summary>
    public DiskException? DiskError { get; init; }
}

public sealed partial class PartitionLog
{
    /// <summary>
    /// Checks CRCs of what lies on the disk, also of what was checked before: one step of the slow background scrub (D15). Any thread.
    /// </summary>
    /// <param name="fromOffset">Where the last step ended; 0 to begin.</param>
    /// <param name="maxBytes">How much to read in this step; a larger batch is read whole.</param>
    public ScrubOutcome Scrub(long fromOffset, int maxBytes)
    {
        long from = Math.Max(fromOffset, LogStartOffset);
        if (from >= LogEndOffset)
            return new ScrubOutcome { NextOffset = LogStartOffset, IsComplete = true };
        using LogRead read = ReadAttempt(from, maxBytes, long.MaxValue, atLeastOneBatch: true, verifyAll: true, cachedOnly: false, attempt: 0);
        return read.Error switch
        {
            ErrorCode.None => new ScrubOutcome { NextOffset = read.NextOffset, BytesChecked = read.Data.Length, IsComplete = read.Data.IsEmpty },
            ErrorCode.CorruptMessage => new ScrubOutcome { NextOffset = Math.Max(from + 1, read.Damage?.ToOffset ?? 0), Damage = read.Damage },
            ErrorCode.OffsetOutOfRange => new ScrubOutcome { NextOffset = LogStartOffset },
            _ => new ScrubOutcome { NextOffset = from, DiskError = read.DiskError },
        };
    }
}

using System.Buffers;
using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>
/// Whole batches read from the log, in pooled memory. Dispose it exactly once, and do not touch <see cref="Data"/> afterwards.
/// The first batch may begin before the offset that was asked for; readers skip to it.
/// </summary>
public readonly struct LogRead : IDisposable
{
    private readonly ArrayPool<byte>? _pool;
    private readonly byte[]? _array;

    internal LogRead(ArrayPool<byte>? pool, byte[]? array, ReadOnlyMemory<byte> data, long baseOffset, long nextOffset, bool hasMore)
    {
        HasMore = hasMore;
        _pool = pool;
        _array = array;
        Data = data;
        BaseOffset = baseOffset;
        NextOffset = nextOffset;
    }

    private LogRead(ErrorCode error, LogDamage? damage, DiskException? diskError)
    {
        Error = error;
        Damage = damage;
        DiskError = diskError;
        BaseOffset = -1;
        NextOffset = -1;
    }

    /// <summary>None, OffsetOutOfRange, CorruptMessage (see <see cref="Damage"/>) or KafkaStorageError (see <see cref="DiskError"/>).</summary>
    public ErrorCode Error { get; }

    /// <summary>The batches; empty at the upper bound.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Base offset of the first batch; -1 if there is none.</summary>
    public long BaseOffset { get; }

    /// <summary>Where to read on; the offset asked for if there is no batch.</summary>
    public long NextOffset { get; }

    /// <summary>Whether the log has batches below the upper bound that the read left out: for its limit, or as another segment has them.</summary>
    public bool HasMore { get; }

    /// <summary>Whether nothing was read as it would have meant to wait for the disk, which the reader did not want.</summary>
    public bool IsCold { get; private init; }

    /// <summary>What is damaged, for CorruptMessage.</summary>
    public LogDamage? Damage { get; }

    /// <summary>The disk's error, for KafkaStorageError.</summary>
    public DiskException? DiskError { get; }

    internal static LogRead Empty(long offset, bool hasMore = false) => new(null, null, default, -1, offset, hasMore);

    internal static LogRead Cold(long offset) => new(null, null, default, -1, offset, hasMore: true) { IsCold = true };

    internal static LogRead Failed(ErrorCode error, LogDamage? damage = null, DiskException? diskError = null) =>
        new(error, damage, diskError);

    /// <summary>Returns the buffer to its pool.</summary>
    public void Dispose()
    {
        if (_array is not null)
            _pool!.Return(_array);
    }
}

/// <summary>The answer to a search by timestamp.</summary>
/// <param name="Error">None, CorruptMessage or KafkaStorageError.</param>
/// <param name="Found">The first record at or after the timestamp; <see cref="TimestampOffset.Unknown"/> if there is none.</param>
/// <param name="LeaderEpoch">The leader epoch of that record's batch; -1 if there is none.</param>
/// <param name="Damage">What is damaged, for CorruptMessage.</param>
/// <param name="DiskError">The disk's error, for KafkaStorageError.</param>
public readonly record struct TimestampSearch(
    ErrorCode Error, TimestampOffset Found, int LeaderEpoch = -1, LogDamage? Damage = null, DiskException? DiskError = null);

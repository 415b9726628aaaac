namespace OrleansLog.Log;

/// <summary>
/// Keeps the handles and indexes of cold segments, of all logs of a broker, within a bound
/// (<c>orleanslog.segment.cache.max</c>, <c>orleanslog.segment.cache.index.bytes</c>). The active segment of each log is
/// not counted. Safe for concurrent use.
/// </summary>
public sealed class SegmentCache : IDisposable
{
    /// <summary>Creates a cache.</summary>
    /// <param name="maxSegments">How many cold segments stay open; at least 1.</param>
    /// <param name="maxIndexBytes">How many bytes of their indexes stay in memory.</param>
    public SegmentCache(int maxSegments = 1000, long maxIndexBytes = 64L * 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSegments, 1);
        MaxSegments = maxSegments;
        MaxIndexBytes = maxIndexBytes;
    }

    /// <summary>How many cold segments stay open.</summary>
    public int MaxSegments { get; }

    /// <summary>How many bytes of their indexes stay in memory.</summary>
    public long MaxIndexBytes { get; }

    /// <summary>How many are open now.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Closes what nobody reads.</summary>
    public void Dispose() => throw new NotImplementedException();
}

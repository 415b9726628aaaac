namespace OrleansLog.Log;

/// <summary>
/// Keeps the handles and indexes of cold segments, of all logs of a broker, within a bound
/// (<c>orleanslog.segment.cache.max</c>, <c>orleanslog.segment.cache.index.bytes</c>). The active segment of each log, and those that
/// wait for their fsync, are not counted. Safe for concurrent use; a hit takes no lock.
/// </summary>
public sealed class SegmentCache : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<LogSegment> _segments = [];
    private long _indexBytes;
    private int _hand;

    /// <summary>Creates a cache.</summary>
    /// <param name="maxSegments">How many cold segments stay open; at least 1.</param>
    /// <param name="maxIndexBytes">How many bytes of their indexes stay in memory; at least one segment keeps its own.</param>
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
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _segments.Count;
            }
        }
    }

    /// <summary>How many bytes of indexes are in memory now.</summary>
    public long IndexBytes
    {
        get
        {
            lock (_lock)
            {
                return _indexBytes;
            }
        }
    }

    /// <summary>Closes what nobody reads; what is being read closes after its reader.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_segments.Count > 0)
                EvictAt(_segments.Count - 1);
        }
    }

    /// <summary>Takes over the reference that a segment's <see cref="LogSegment.Open"/> holds, and makes room for it.</summary>
    internal void Adopt(LogSegment segment)
    {
        lock (_lock)
        {
            if (segment.CacheSlot >= 0 || segment.IsPinned || segment.Open is null)
                return;
            segment.CacheSlot = _segments.Count;
            segment.IsTouched = true;
            segment.CachedIndexBytes = segment.Open?.IndexBytes ?? 0;
            _indexBytes += segment.CachedIndexBytes;
            _segments.Add(segment);
            if (segment.IsRetired)
                EvictAt(segment.CacheSlot);
            MakeRoom(segment);
        }
    }

    /// <summary>Closes a segment that is no more, after its last reader; or gives it back to a log that makes it active again.</summary>
    internal void Remove(LogSegment segment)
    {
        lock (_lock)
        {
            if (segment.CacheSlot >= 0)
                EvictAt(segment.CacheSlot);
        }
    }

    internal void IndexesLoaded(LogSegment segment, long bytes)
    {
        lock (_lock)
        {
            if (segment.CacheSlot < 0)
                return;
            _indexBytes += bytes - segment.CachedIndexBytes;
            segment.CachedIndexBytes = bytes;
            MakeRoom(segment);
        }
    }

    // A clock: whoever was used since the hand last passed gets another round.
    private void MakeRoom(LogSegment keep)
    {
        while (_segments.Count > 1 && (_segments.Count > MaxSegments || _indexBytes > MaxIndexBytes))
        {
            _hand = _hand < _segments.Count ? _hand : 0;
            LogSegment candidate = _segments[_hand];
            if (candidate == keep || candidate.IsTouched)
            {
                candidate.IsTouched = false;
                _hand++;
            }
            else
            {
                EvictAt(_hand);
            }
        }
    }

    private void EvictAt(int slot)
    {
        LogSegment victim = _segments[slot];
        LogSegment last = _segments[^1];
        _segments[slot] = last;
        last.CacheSlot = slot;
        _segments.RemoveAt(_segments.Count - 1);
        victim.CacheSlot = -1;
        _indexBytes -= victim.CachedIndexBytes;
        victim.CachedIndexBytes = 0;
        victim.CloseHandle();
    }
}

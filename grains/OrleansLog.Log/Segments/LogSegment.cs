namespace OrleansLog.Log;

/// <summary>
/// One segment: what is known about it without opening it. The writer changes it, readers see what it publishes: first the
/// bytes and the index, then <see cref="SizeInBytes"/>, then the log's end.
/// </summary>
internal sealed class LogSegment(LogEnvironment environment, string directory, long baseOffset, long createdMs)
{
    private readonly Lock _opening = new();
    private OpenSegment? _open;
    private int _sizeInBytes;
    private long _maxTimestampMs = NotLoaded;
    private long _maxTimestampOffset = -1;

    private const long NotLoaded = long.MinValue;

    internal long BaseOffset { get; } = baseOffset;

    internal long CreatedMs { get; } = createdMs;

    /// <summary>For retention of segments whose records have no timestamps.</summary>
    internal long LastWriteMs { get; set; } = createdMs;

    /// <summary>The timestamp that <c>segment.ms</c> counts from: that of the first batch; -1 while unknown.</summary>
    internal long FirstTimestampMs { get; set; } = -1;

    /// <summary>Bytes since the last index entry, for <c>index.interval.bytes</c>.</summary>
    internal int BytesSinceIndexEntry { get; set; }

    /// <summary>Whether it was renamed away; a read that finds it so starts again.</summary>
    internal volatile bool IsRetired;

    /// <summary>What of it had its CRCs checked by this process.</summary>
    internal VerifiedRange Verified { get; } = new();

    internal OpenSegment? Open => Volatile.Read(ref _open);

    internal int CacheSlot { get; set; } = -1;

    internal volatile bool IsTouched;

    internal long CachedIndexBytes { get; set; }

    internal string LogPath { get; } = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Log);

    internal int SizeInBytes
    {
        get => Volatile.Read(ref _sizeInBytes);
        set => Volatile.Write(ref _sizeInBytes, value);
    }

    /// <summary>The largest timestamp and the last offset of the batch that has it; read from the time index when first asked for.</summary>
    internal TimestampOffset MaxTimestamp
    {
        get
        {
            if (Volatile.Read(ref _maxTimestampMs) == NotLoaded)
                LoadMaxTimestamp();
            return new TimestampOffset(_maxTimestampMs, _maxTimestampOffset);
        }

        set
        {
            _maxTimestampOffset = value.Offset;
            Volatile.Write(ref _maxTimestampMs, value.TimestampMs);
        }
    }

    internal string PathOf(string suffix) => SegmentFiles.PathOf(directory, BaseOffset, suffix);

    /// <summary>Opens it, or shares the open one. Release it after use.</summary>
    internal OpenSegment Lease()
    {
        if (Open is { } shared && shared.TryAddReference())
        {
            IsTouched = true;
            return shared;
        }

        OpenSegment opened;
        lock (_opening)
        {
            if (Open is { } other && other.TryAddReference())
                return other;
            opened = new OpenSegment(environment, this, environment.Disk.Open(LogPath, DiskOpen.ReadWrite));
            opened.TryAddReference();
            Volatile.Write(ref _open, opened);
        }

        environment.Segments.Adopt(this);
        return opened;
    }

    /// <summary>Holds it open for the log itself, outside the cache's bound: the active segment, and those that wait for an fsync.</summary>
    internal OpenSegment Pin(IDiskFile? file = null)
    {
        lock (_opening)
        {
            environment.Segments.Remove(this);
            var opened = new OpenSegment(environment, this, file ?? environment.Disk.Open(LogPath, DiskOpen.ReadWrite));
            Interlocked.Exchange(ref _open, opened)?.Release();
            return opened;
        }
    }

    /// <summary>Lets go of the shared handle; it closes after its last reader.</summary>
    internal void CloseHandle() => Interlocked.Exchange(ref _open, null)?.Release();

    /// <summary>Takes note of a batch at a position, as appended or as found by a scan: indexes and timestamps follow Kafka's rules.</summary>
    internal void NoteBatch(OffsetIndex offsets, TimeIndex times, long lastOffset, long maxTimestampMs, int position, int size, int indexIntervalBytes)
    {
        if (position == 0)
            FirstTimestampMs = maxTimestampMs;
        if (maxTimestampMs > _maxTimestampMs)
            MaxTimestamp = new TimestampOffset(maxTimestampMs, lastOffset);
        if (BytesSinceIndexEntry > indexIntervalBytes)
        {
            offsets.Append(lastOffset, position);
            times.MaybeAppend(new TimestampOffset(_maxTimestampMs, _maxTimestampOffset));
            BytesSinceIndexEntry = 0;
        }

        BytesSinceIndexEntry += size;
    }

    private void LoadMaxTimestamp()
    {
        OpenSegment lease = Lease();
        try
        {
            MaxTimestamp = lease.Times.Last;
        }
        finally
        {
            lease.Release();
        }
    }
}

using OrleansLog.Protocol.Records;

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
    private SegmentDamage[] _damage = [];

    private const long NotLoaded = long.MinValue;

    internal long BaseOffset { get; } = baseOffset;

    /// <summary>
    /// When its first record was written by the clock, before that when it was created: its age, whatever its records' timestamps say. Of one that
    /// was there at opening, when it was last written: it is at least that old.
    /// </summary>
    internal long BegunMs { get; set; } = createdMs;

    /// <summary>The spacing of index entries, for when they have to be built again.</summary>
    internal required int IndexIntervalBytes { get; init; }

    /// <summary>For retention of segments whose records have no timestamps.</summary>
    internal long LastWriteMs { get; set; } = createdMs;

    /// <summary>How far indexing has come; the writer's alone.</summary>
    internal IndexProgress Progress;

    /// <summary>What of it is known to be damaged (D15), in order of position.</summary>
    internal SegmentDamage[] Damage
    {
        get => Volatile.Read(ref _damage);
        set => Volatile.Write(ref _damage, value);
    }

    /// <summary>Whether a scan has found holes between the offsets of its batches, which leave them good: it was cleaned, or copied from one that was.</summary>
    internal volatile bool HasHoles;

    /// <summary>Whether it was renamed away; a read that finds it so starts again.</summary>
    internal volatile bool IsRetired;

    /// <summary>What of it had its CRCs checked by this process.</summary>
    internal VerifiedRange Verified { get; } = new();

    internal OpenSegment? Open => Volatile.Read(ref _open);

    internal int CacheSlot { get; set; } = -1;

    internal volatile bool IsTouched;

    /// <summary>Held by its log, not by the cache.</summary>
    internal volatile bool IsPinned;

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

    /// <summary>The damage that covers a position, if it is known.</summary>
    internal SegmentDamage? DamageAt(long position)
    {
        foreach (SegmentDamage damage in Damage)
        {
            if (position >= damage.Position && position < damage.EndPosition)
                return damage;
        }

        return null;
    }

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

        if (!IsPinned)
            environment.Segments.Adopt(this);
        return opened;
    }

    /// <summary>Holds it open for the log itself, outside the cache's bound: the active segment, and those that wait for an fsync.</summary>
    internal OpenSegment Pin(IDiskFile? file = null)
    {
        lock (_opening)
        {
            IsPinned = true;
            environment.Segments.Remove(this);
            var opened = new OpenSegment(environment, this, file ?? environment.Disk.Open(LogPath, DiskOpen.ReadWrite));
            Interlocked.Exchange(ref _open, opened)?.Release();
            return opened;
        }
    }

    /// <summary>Gives the handle to the cache.</summary>
    internal void Unpin()
    {
        IsPinned = false;
        environment.Segments.Adopt(this);
    }

    /// <summary>Lets go of the shared handle; it closes after its last reader.</summary>
    internal void CloseHandle() => Interlocked.Exchange(ref _open, null)?.Release();

    /// <summary>Takes note of a batch at a position, as appended or as found by a scan.</summary>
    internal void NoteBatch(OpenSegment open, in RecordBatchHeader header, int position, int indexIntervalBytes)
    {
        Progress.Note(open.Offsets, open.Times, header, position, indexIntervalBytes);
        if (Progress.Max.TimestampMs > _maxTimestampMs)
            MaxTimestamp = Progress.Max;
    }

    /// <summary>Completes the indexes, as when a segment rolls or closes: the largest timestamp gets its entry, the files have all.</summary>
    /// <returns>Whether there was anything to write.</returns>
    internal bool SealIndexes(IDisk disk, OpenSegment open)
    {
        open.Times.MaybeAppend(Progress.Max);
        bool hasWritten = IndexFile.Persist(disk, PathOf(SegmentFiles.Index), open.Offsets.Entries);
        return IndexFile.Persist(disk, PathOf(SegmentFiles.TimeIndex), open.Times.Entries) || hasWritten;
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

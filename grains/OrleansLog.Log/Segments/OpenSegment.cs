namespace OrleansLog.Log;

/// <summary>
/// An open segment file with its indexes, shared by counted references: it closes after the last one. Indexes load when
/// somebody searches.
/// </summary>
internal sealed class OpenSegment(LogEnvironment environment, LogSegment segment, IDiskFile file)
{
    private readonly Lock _loading = new();
    private readonly List<EntryBuffer?> _retired = [];
    private OffsetIndex? _offsets;
    private TimeIndex? _times;
    private int _references = 1;

    internal IDiskFile File { get; } = file;

    /// <summary>Bytes of index memory held; 0 until something was loaded.</summary>
    internal long IndexBytes => (_offsets?.Entries.CapacityInBytes ?? 0) + (_times?.Entries.CapacityInBytes ?? 0);

    internal bool HasIndexes => Volatile.Read(ref _times) is not null && Volatile.Read(ref _offsets) is not null;

    internal OffsetIndex Offsets
    {
        get
        {
            if (Volatile.Read(ref _offsets) is null)
                LoadIndexes();
            return _offsets!;
        }
    }

    internal TimeIndex Times
    {
        get
        {
            if (Volatile.Read(ref _times) is null)
                LoadIndexes();
            return _times!;
        }
    }

    internal bool TryAddReference()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        File.Dispose();
        _offsets?.Entries.ReturnToPool();
        _times?.Entries.ReturnToPool();
        foreach (EntryBuffer? old in _retired)
            old?.ReturnToPool();
    }

    /// <summary>Starts with indexes built by the caller: a new segment, or one that was just scanned.</summary>
    internal void UseIndexes(OffsetIndex offsets, TimeIndex times)
    {
        lock (_loading)
        {
            _retired.AddRange([_offsets?.Entries, _times?.Entries]);
            _times = times;
            Volatile.Write(ref _offsets, offsets);
        }
    }

    /// <summary>Builds the indexes from the batches, in place of files that turned out to be wrong. Never for the active segment.</summary>
    internal void RebuildIndexes()
    {
        if (segment.IsPinned)
            return;
        lock (_loading)
        {
            (OffsetIndex offsets, TimeIndex times) = IndexBuilder.Rebuild(environment, segment, File);
            _retired.AddRange([_offsets?.Entries, _times?.Entries]);
            Volatile.Write(ref _times, times);
            Volatile.Write(ref _offsets, offsets);
        }
    }

    private void LoadIndexes()
    {
        lock (_loading)
        {
            if (HasIndexes)
                return;
            OffsetIndex? offsets = IndexFile.LoadOffsets(environment, segment);
            TimeIndex? times = IndexFile.LoadTimes(environment, segment);
            if (offsets is null || times is null)
            {
                offsets?.Entries.ReturnToPool();
                times?.Entries.ReturnToPool();
                (offsets, times) = IndexBuilder.Rebuild(environment, segment, File);
            }

            Volatile.Write(ref _times, times);
            Volatile.Write(ref _offsets, offsets);
            environment.Segments.IndexesLoaded(segment, IndexBytes);
        }
    }
}

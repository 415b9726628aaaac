namespace OrleansLog.Cli;

/// <summary>Where the batches of a segment lie: what index entries are held against.</summary>
internal sealed class BatchMap
{
    private readonly List<BatchPlace> _batches = [];

    public IReadOnlyList<BatchPlace> Batches => _batches;

    /// <summary>Where the log's first damage is: what index entries say from there on cannot be judged.</summary>
    public long DamagedFrom { get; private set; } = long.MaxValue;

    public void Add(in BatchPlace batch) => _batches.Add(batch);

    public void MarkDamaged(long position) => DamagedFrom = Math.Min(DamagedFrom, position);

    /// <summary>True for an offset that would lie behind the first damage.</summary>
    public bool IsBehindDamage(long offset) => DamagedFrom != long.MaxValue
        && !(TryFindFor(offset, out var batch) && batch.Position < DamagedFrom);

    /// <summary>The batch that begins at a position.</summary>
    public bool TryFindAt(long position, out BatchPlace batch)
    {
        var at = FirstWhere(place => place.Position >= position);
        batch = at < _batches.Count ? _batches[at] : default;
        return at < _batches.Count && batch.Position == position;
    }

    /// <summary>The first batch whose last offset is at or after an offset: the one that has it, if any has.</summary>
    public bool TryFindFor(long offset, out BatchPlace batch)
    {
        var at = FirstWhere(place => place.LastOffset >= offset);
        batch = at < _batches.Count ? _batches[at] : default;
        return at < _batches.Count;
    }

    private int FirstWhere(Func<BatchPlace, bool> isAtOrAfter)
    {
        var (low, high) = (0, _batches.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = isAtOrAfter(_batches[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}

/// <summary>One batch of a segment.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="BaseOffset">Its first offset.</param>
/// <param name="LastOffset">Its last offset.</param>
/// <param name="LargestTimestampMs">The largest timestamp of it and of every batch before it.</param>
internal readonly record struct BatchPlace(long Position, long BaseOffset, long LastOffset, long LargestTimestampMs);

namespace OrleansLog.Log;

/// <summary>Removes or completes what a stop left half-done in a partition's directory, by Kafka's rules.</summary>
internal sealed class StaleFiles(LogEnvironment environment, string directory)
{
    private readonly List<string> _handled = [];
    private List<DiskEntry> _entries = [];

    /// <summary>What was removed or renamed.</summary>
    internal IReadOnlyList<string> Handled => _handled;

    /// <summary>Cleans up and returns what is in the directory then.</summary>
    internal IReadOnlyList<DiskEntry> CleanUp()
    {
        _entries = [.. environment.Disk.List(directory).Where(entry => !entry.IsDirectory)];
        DeleteEndingIn(SegmentFiles.Deleted);
        DeleteEndingIn(SegmentFiles.Temporary);
        CompleteSwaps();
        DeleteOrphans();
        return _entries;
    }

    private void DeleteEndingIn(string suffix) => Delete(entry => entry.Name.EndsWith(suffix, StringComparison.Ordinal));

    /// <summary>
    /// Cleaning writes <c>.cleaned</c>, renames to <c>.swap</c> when all of it is there, last segment first, and then puts the swap
    /// files in the place of the segments they replace.
    /// </summary>
    private void CompleteSwaps()
    {
        long firstCleaned = _entries.Select(entry => OffsetOf(entry, SegmentFiles.Cleaned)).Where(offset => offset >= 0).DefaultIfEmpty(long.MaxValue).Min();
        DeleteEndingIn(SegmentFiles.Cleaned);
        Delete(entry => OffsetOf(entry, SegmentFiles.Swap) is var offset && offset >= 0 && offset >= firstCleaned);
        DiskEntry[] swaps = [.. _entries.Where(entry => OffsetOf(entry, SegmentFiles.Swap) >= 0).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        DiskEntry[] logs = [.. swaps.Where(entry => entry.Name.EndsWith(SegmentFiles.Log + SegmentFiles.Swap, StringComparison.Ordinal))];
        if (logs.Length > 0)
        {
            long from = logs.Min(entry => OffsetOf(entry, SegmentFiles.Swap));
            long to = logs.Max(NextOffsetOf);
            Delete(entry => SegmentFiles.TryParse(entry.Name, out long offset, out string suffix) && offset >= from && offset < to
                && suffix is SegmentFiles.Log or SegmentFiles.Index or SegmentFiles.TimeIndex or SegmentFiles.TxnIndex);
        }

        foreach (DiskEntry swap in swaps)
        {
            string name = swap.Name[..^SegmentFiles.Swap.Length];
            environment.Disk.Rename(Path.Combine(directory, swap.Name), Path.Combine(directory, name));
            _entries.RemoveAll(entry => entry.Name == swap.Name || entry.Name == name);
            _entries.Add(swap with { Name = name });
            _handled.Add(swap.Name);
        }
    }

    /// <summary>Indexes without their log: a deletion stopped half-way. Snapshots stand for themselves.</summary>
    private void DeleteOrphans()
    {
        HashSet<long> logs = [.. _entries.Where(entry => entry.Name.EndsWith(SegmentFiles.Log, StringComparison.Ordinal))
            .Select(entry => SegmentFiles.TryParse(entry.Name, out long offset, out _) ? offset : -1)];
        Delete(entry => SegmentFiles.TryParse(entry.Name, out long offset, out string suffix) && !logs.Contains(offset)
            && suffix is SegmentFiles.Index or SegmentFiles.TimeIndex or SegmentFiles.TxnIndex);
    }

    private long NextOffsetOf(DiskEntry swap)
    {
        long next = OffsetOf(swap, SegmentFiles.Swap);
        using IDiskFile file = environment.Disk.Open(Path.Combine(directory, swap.Name), DiskOpen.Read);
        using var scanner = new BatchScanner(environment, file, 0, file.Length, next, verifyCrc: false);
        while (scanner.Next() == ScanStep.Batch)
            next = scanner.Header.NextOffset;
        return next;
    }

    private static long OffsetOf(DiskEntry entry, string ending) =>
        entry.Name.EndsWith(ending, StringComparison.Ordinal)
        && SegmentFiles.TryParse(entry.Name[..^ending.Length], out long offset, out _) ? offset : -1;

    private void Delete(Func<DiskEntry, bool> isStale)
    {
        foreach (DiskEntry entry in _entries.Where(isStale).ToArray())
        {
            environment.Disk.Delete(Path.Combine(directory, entry.Name));
            _entries.Remove(entry);
            _handled.Add(entry.Name);
        }
    }
}

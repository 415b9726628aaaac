using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>
/// Brings the producers of a log back: from the newest snapshot that is good and not beyond the end, and the headers of the batches
/// behind it.
/// </summary>
internal sealed class ProducerRecovery(LogEnvironment environment, string directory, LogSegment[] segments, ProducerStates states)
{
    /// <summary>How far in front of a snapshot batches are looked up again, because it only has each producer's last one.</summary>
    private const int LookBackBytes = 4 * 1024 * 1024;

    private const int WindowBytes = 64 * 1024;

    /// <summary>Snapshots that were damaged and dropped.</summary>
    internal int Dropped { get; private set; }

    /// <summary>Fills the table, which must be empty, and drops snapshots that nobody needs.</summary>
    /// <returns>The offset of the snapshot that was used, or -1.</returns>
    internal long Run(long logEndOffset)
    {
        List<long> snapshots = [];
        foreach (DiskEntry entry in environment.Disk.List(directory))
        {
            if (SegmentFiles.TryParse(entry.Name, out long offset, out string suffix) && suffix == SegmentFiles.Snapshot && offset <= logEndOffset)
                snapshots.Add(offset);
        }

        snapshots.Sort();
        long used = -1;
        while (used < 0 && snapshots.Count > 0)
        {
            long newest = snapshots[^1];
            snapshots.RemoveAt(snapshots.Count - 1);
            if (ProducerSnapshot.TryRead(environment, PathOf(newest), newest, states))
            {
                used = newest;
                continue;
            }

            states.Clear();
            environment.Disk.Delete(PathOf(newest));
            Dropped++;
        }

        DeleteStrays(snapshots);
        if (states.Count > 0)
            LookBack(used);
        ScanFrom(used, logEndOffset);
        return used;
    }

    /// <summary>A snapshot of a stop, in the middle of a segment, serves until there is a newer one.</summary>
    private void DeleteStrays(List<long> older)
    {
        foreach (long offset in older)
        {
            if (Array.FindIndex(segments, segment => segment.BaseOffset == offset) < 0)
                environment.Disk.Delete(PathOf(offset));
        }
    }

    private void LookBack(long offset)
    {
        int last = Array.FindLastIndex(segments, segment => segment.BaseOffset < offset);
        int first = last;
        long budget = LookBackBytes;
        while (first > 0 && segments[first].SizeInBytes < budget)
            budget -= segments[first--].SizeInBytes;
        for (int i = Math.Max(0, first); i <= last; i++)
            LookBack(segments[i], offset, i == first ? budget : long.MaxValue);
    }

    private void LookBack(LogSegment segment, long offset, long bytes)
    {
        OpenSegment lease = segment.Lease();
        try
        {
            int end = lease.Offsets.PositionFor(offset - 1);
            using BatchScanner scanner = Scanner(segment, lease, lease.Offsets.PositionAtOrBelow(end - bytes));
            while (scanner.Next() == ScanStep.Batch && scanner.Header.BaseOffset < offset)
            {
                if (scanner.Header is { HasProducerId: true, IsControl: false })
                    states.RestoreBefore(scanner.Header);
            }
        }
        finally
        {
            lease.Release();
        }
    }

    private void ScanFrom(long offset, long logEndOffset)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            long end = i + 1 < segments.Length ? segments[i + 1].BaseOffset : logEndOffset;
            if (end > offset && segments[i].SizeInBytes > 0)
                Scan(segments[i], offset);
        }
    }

    private void Scan(LogSegment segment, long fromOffset)
    {
        OpenSegment lease = segment.Lease();
        try
        {
            int position = fromOffset <= segment.BaseOffset ? 0 : lease.Offsets.PositionFor(fromOffset);
            using BatchScanner scanner = Scanner(segment, lease, position);
            while (scanner.Next() == ScanStep.Batch)
            {
                RecordBatchHeader header = scanner.Header;
                if (!header.HasProducerId || header.BaseOffset < fromOffset)
                    continue;
                int? marker = header.IsControl ? TransactionMarker.CoordinatorEpochAt(lease.File, scanner.Position, header.SizeInBytes) : null;
                states.Recover(header, marker);
            }
        }
        finally
        {
            lease.Release();
        }
    }

    private BatchScanner Scanner(LogSegment segment, OpenSegment lease, int position) =>
        new(environment, lease.File, position, segment.SizeInBytes, segment.BaseOffset, verifyCrc: false, WindowBytes)
        {
            StepsOverDamageOf = segment,
        };

    private string PathOf(long offset) => SegmentFiles.PathOf(directory, offset, SegmentFiles.Snapshot);
}

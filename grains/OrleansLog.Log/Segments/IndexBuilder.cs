using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>Builds a cold segment's indexes from its batches when their files are missing or damaged.</summary>
internal static class IndexBuilder
{
    /// <summary>
    /// Reads the headers through (CRCs are the reader's and the recovery's matter) and writes the files. A header that cannot be
    /// ends the index; the reads that get there find the damage.
    /// </summary>
    internal static (OffsetIndex Offsets, TimeIndex Times) Rebuild(LogEnvironment environment, LogSegment segment, IDiskFile file)
    {
        var offsets = new OffsetIndex(segment.BaseOffset, environment.Buffers);
        var times = new TimeIndex(segment.BaseOffset, environment.Buffers);
        var progress = new IndexProgress();
        using var scanner = new BatchScanner(environment, file, 0, segment.SizeInBytes, segment.BaseOffset, verifyCrc: false)
        {
            StepsOverDamageOf = segment,
        };
        while (scanner.Next() == ScanStep.Batch)
            progress.Note(offsets, times, scanner.Header, (int)scanner.Position, segment.IndexIntervalBytes);

        times.MaybeAppend(progress.Max);
        TryPersist(environment.Disk, segment, offsets, times);
        return (offsets, times);
    }

    private static void TryPersist(IDisk disk, LogSegment segment, OffsetIndex offsets, TimeIndex times)
    {
        try
        {
            IndexFile.Replace(disk, segment.PathOf(SegmentFiles.Index), offsets.Entries);
            IndexFile.Replace(disk, segment.PathOf(SegmentFiles.TimeIndex), times.Entries);
        }
        catch (DiskException)
        {
            // The reader has what it needs; whoever loads the segment next builds again.
        }
    }
}

namespace OrleansLog.Log;

/// <summary>Creates and removes a segment's files.</summary>
internal static class SegmentFactory
{
    /// <summary>A new, empty, pinned segment with its three files. What a failure leaves behind is removed.</summary>
    internal static LogSegment Create(LogEnvironment environment, string directory, long baseOffset, LogSettings settings, long nowMs)
    {
        var segment = new LogSegment(environment, directory, baseOffset, nowMs)
        {
            IndexIntervalBytes = settings.IndexIntervalBytes,
            MaxTimestamp = TimestampOffset.Unknown,
        };
        IDisk disk = environment.Disk;
        if (disk.FileExists(segment.LogPath) && disk.FileLength(segment.LogPath) > 0)
            throw new DiskException(DiskErrorKind.Other, segment.LogPath, "create: there is a segment with records already", 0);
        IDiskFile? file = null;
        try
        {
            file = disk.Open(segment.LogPath, DiskOpen.CreateOrTruncate);
            disk.Open(segment.PathOf(SegmentFiles.Index), DiskOpen.CreateOrTruncate).Dispose();
            disk.Open(segment.PathOf(SegmentFiles.TimeIndex), DiskOpen.CreateOrTruncate).Dispose();
        }
        catch (DiskException)
        {
            file?.Dispose();
            TryDeleteFiles(disk, segment);
            throw;
        }

        OpenSegment open = segment.Pin(file);
        open.UseIndexes(new OffsetIndex(baseOffset, environment.Buffers), new TimeIndex(baseOffset, environment.Buffers));
        segment.Verified.TrustFrom(0);
        return segment;
    }

    /// <summary>Deletes all that belongs to a segment, the log last: if it stops half-way, the rest is built again.</summary>
    internal static void DeleteFiles(IDisk disk, LogSegment segment)
    {
        foreach (string suffix in SegmentFiles.OfSegment.Reverse())
            disk.Delete(segment.PathOf(suffix));
    }

    private static void TryDeleteFiles(IDisk disk, LogSegment segment)
    {
        try
        {
            DeleteFiles(disk, segment);
        }
        catch (DiskException)
        {
            // An empty segment at the log's end; opening takes it in or removes it.
        }
    }
}

namespace OrleansLog.Log;

/// <summary>Index files, which are only open while they are read or written: their content lives in memory.</summary>
internal static class IndexFile
{
    /// <summary>Loads an offset index; null where the file is missing or damaged and has to be built again.</summary>
    internal static OffsetIndex? LoadOffsets(LogEnvironment environment, LogSegment segment)
    {
        var index = new OffsetIndex(segment.BaseOffset, environment.Buffers);
        return Load(environment.Disk, segment.PathOf(SegmentFiles.Index), index.Entries, content =>
            OffsetIndex.ValidLength(content, segment.SizeInBytes), OffsetIndex.EntrySize) ? index : null;
    }

    /// <summary>Loads a time index; null where the file is missing or damaged and has to be built again.</summary>
    internal static TimeIndex? LoadTimes(LogEnvironment environment, LogSegment segment)
    {
        var index = new TimeIndex(segment.BaseOffset, environment.Buffers);
        return Load(environment.Disk, segment.PathOf(SegmentFiles.TimeIndex), index.Entries, TimeIndex.ValidLength, TimeIndex.EntrySize)
            ? index : null;
    }

    /// <summary>Writes the entries that the file does not have, and cuts off what it has too much; false if it has just these.</summary>
    internal static bool Persist(IDisk disk, string path, EntryBuffer entries)
    {
        ReadOnlySpan<byte> content = entries.Published;
        if (entries.PersistedBytes == content.Length && entries.FileBytes == content.Length)
            return false;
        using IDiskFile file = disk.Open(path, DiskOpen.OpenOrCreate);
        int from = (int)Math.Min(entries.PersistedBytes, file.Length);
        if (from < content.Length)
            file.Write(from, content[from..]);
        if (file.Length > content.Length)
            file.Truncate(content.Length);
        entries.PersistedBytes = content.Length;
        entries.FileBytes = content.Length;
        return true;
    }

    /// <summary>Writes all entries in place of whatever the file holds.</summary>
    internal static void Replace(IDisk disk, string path, EntryBuffer entries)
    {
        entries.PersistedBytes = 0;
        entries.FileBytes = -1;
        Persist(disk, path, entries);
    }

    private delegate int Validator(ReadOnlySpan<byte> content);

    private static bool Load(IDisk disk, string path, EntryBuffer entries, Validator validLength, int entrySize)
    {
        try
        {
            using IDiskFile file = disk.Open(path, DiskOpen.Read);
            long length = file.Length;
            if (length > Array.MaxLength)
                return false;
            Span<byte> content = entries.Load((int)length);
            int read = file.Read(0, content);
            int valid = read < length ? -1 : validLength(content);
            if (valid >= 0)
            {
                entries.TruncateTo(valid / entrySize);
                return true;
            }
        }
        catch (DiskException error) when (error.Kind == DiskErrorKind.NotFound)
        {
            // A missing index is built again like a damaged one.
        }

        entries.ReturnToPool();
        return false;
    }
}

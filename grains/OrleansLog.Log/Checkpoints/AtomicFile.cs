using System.Text;

namespace OrleansLog.Log;

/// <summary>Small files that are replaced as a whole: written beside, synced, renamed. A crash leaves the old or the new one.</summary>
internal static class AtomicFile
{
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Replaces a file, durably.</summary>
    internal static void Write(IDisk disk, string path, string text)
    {
        Stage(disk, path, text);
        Publish(disk, path);
    }

    /// <summary>Writes the content beside the file, in UTF-8, for <see cref="Publish"/>; until then a crash leaves the old file.</summary>
    internal static void Stage(IDisk disk, string path, string text)
    {
        using IDiskFile file = disk.Open(path + SegmentFiles.Temporary, DiskOpen.CreateOrTruncate);
        file.Write(0, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Puts what was staged in the file's place, durably. Never a rename without a sync before it: a power loss may leave an empty file then.</summary>
    internal static void Publish(IDisk disk, string path)
    {
        string temporary = path + SegmentFiles.Temporary;
        using (IDiskFile file = disk.Open(temporary, DiskOpen.ReadWrite))
            file.Sync(dataOnly: false);
        disk.Rename(temporary, path);
        disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The content, or null where there is no such file.</summary>
    /// <exception cref="CheckpointFormatException">It is too large for what it is.</exception>
    internal static string? TryRead(IDisk disk, string path)
    {
        try
        {
            using IDiskFile file = disk.Open(path, DiskOpen.Read);
            if (file.Length > MaxBytes)
                throw new CheckpointFormatException(path, 0, $"it has {file.Length} bytes, more than the {MaxBytes} that such a file may have.");
            byte[] bytes = new byte[file.Length];
            int read = file.Read(0, bytes);
            return Encoding.UTF8.GetString(bytes, 0, read);
        }
        catch (DiskException error) when (error.Kind == DiskErrorKind.NotFound)
        {
            return null;
        }
    }
}

using System.Text;

namespace OrleansLog.Log;

/// <summary>Small files that are replaced as a whole: written beside, synced, renamed. A crash leaves the old or the new one.</summary>
internal static class AtomicFile
{
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <param name="disk">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="text">Its content, in UTF-8.</param>
    /// <param name="isDurable">Sync file and directory; without it the file is whole, but which one a power loss leaves is open.</param>
    internal static void Write(IDisk disk, string path, string text, bool isDurable = true)
    {
        string temporary = path + SegmentFiles.Temporary;
        using (IDiskFile file = disk.Open(temporary, DiskOpen.CreateOrTruncate))
        {
            file.Write(0, Encoding.UTF8.GetBytes(text));
            if (isDurable)
                file.Sync(dataOnly: false);
        }

        disk.Rename(temporary, path);
        if (isDurable)
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

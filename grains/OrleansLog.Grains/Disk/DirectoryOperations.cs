using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>What both disks do with directories through .NET: rare work, whose errors it does not hide.</summary>
internal static class DirectoryOperations
{
    /// <summary>Unlike <see cref="Directory.Exists"/> it takes no error for an absence: what is not there is made anew.</summary>
    public static bool Exists(string path)
    {
        try
        {
            return DiskErrors.Run(path, "stat", static directory => (File.GetAttributes(directory) & FileAttributes.Directory) != 0);
        }
        catch (DiskException e) when (e.Kind == DiskErrorKind.NotFound)
        {
            return false;
        }
    }

    public static void Create(string path) => DiskErrors.Run(path, "mkdir", Directory.CreateDirectory);

    public static void Delete(string path) => DiskErrors.Run(path, "rmdir", static directory =>
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);

        return true;
    });

    public static IReadOnlyList<DiskEntry> List(string path) => DiskErrors.Run(path, "list", static directory =>
    {
        var entries = new List<DiskEntry>();
        foreach (var info in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            var lastWriteMs = new DateTimeOffset(info.LastWriteTimeUtc).ToUnixTimeMilliseconds();
            entries.Add(info is FileInfo file
                ? new DiskEntry(file.Name, false, LengthOf(file), lastWriteMs)
                : new DiskEntry(info.Name, true, 0, lastWriteMs));
        }

        return (IReadOnlyList<DiskEntry>)entries;
    });

    public static DiskSpace Space(string path) => DiskErrors.Run(path, "statfs", static directory =>
    {
        var drive = new DriveInfo(Path.GetFullPath(directory));
        return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
    });

    public static long FileLength(string path) => DiskErrors.Run(path, "stat", static file => new FileInfo(file).Length);

    /// <summary>A file that went away while its directory was listed has no length.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}

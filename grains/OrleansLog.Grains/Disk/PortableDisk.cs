using Microsoft.Win32.SafeHandles;
using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>The disk through .NET's file API, for the platforms where people develop (D5).</summary>
internal sealed class PortableDisk : IDisk
{
    public IDiskFile Open(string path, DiskOpen mode) => DiskErrors.Run(path, "open", file => new PortableDiskFile(file, mode switch
    {
        DiskOpen.Read => OpenHandle(file, FileMode.Open, FileAccess.Read),
        DiskOpen.ReadWrite => OpenHandle(file, FileMode.Open, FileAccess.ReadWrite),
        DiskOpen.OpenOrCreate => OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite),
        DiskOpen.CreateOrTruncate => OpenHandle(file, FileMode.Create, FileAccess.ReadWrite),
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    }));

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => DirectoryOperations.Exists(path);

    public long FileLength(string path) => DirectoryOperations.FileLength(path);

    public void Delete(string path) => DiskErrors.Run(path, "delete", static file =>
    {
        if (File.Exists(file))
            File.Delete(file);

        return true;
    });

    public void Rename(string from, string to) => DiskErrors.Run(from, "rename", source =>
    {
        if (Directory.Exists(source))
            Directory.Move(source, to);
        else
            File.Move(source, to, overwrite: true);

        return true;
    });

    public void CreateDirectory(string path) => DirectoryOperations.Create(path);

    public void DeleteDirectory(string path) => DirectoryOperations.Delete(path);

    public IReadOnlyList<DiskEntry> List(string directory) => DirectoryOperations.List(directory);

    /// <summary>.NET cannot sync a directory; the file systems of these platforms order such changes themselves.</summary>
    public void SyncDirectory(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DiskException(DiskErrorKind.NotFound, directory, "sync directory", Errno.NoEntry);
    }

    public bool TrySyncAll(string path) => false;

    public DiskSpace Space(string path) => DirectoryOperations.Space(path);

    public IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (Exception e) when (DiskErrors.Translate(path, "lock", e) is { } failure)
        {
            return failure.Kind is DiskErrorKind.Other ? null : throw failure;
        }
    }

    private static SafeFileHandle OpenHandle(string path, FileMode mode, FileAccess access) =>
        File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
}

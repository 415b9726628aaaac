using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>The disk through libc: EINTR is retried, a partial write continued, every other error typed with its errno (D5).</summary>
internal sealed class LinuxDisk : IDisk
{
    private const int OwnerReadWriteOthersRead = 0x1A4; // 0644
    private const string SegmentSuffix = ".log";

    public IDiskFile Open(string path, DiskOpen mode)
    {
        var flags = mode switch
        {
            DiskOpen.Read => Libc.ReadOnly,
            DiskOpen.ReadWrite => Libc.ReadWrite,
            DiskOpen.OpenOrCreate => Libc.ReadWrite | Libc.Create,
            DiskOpen.CreateOrTruncate => Libc.ReadWrite | Libc.Create | Libc.Truncate,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        if (path.EndsWith(SegmentSuffix, StringComparison.Ordinal))
            MustHaveRoom(path);

        return new LinuxDiskFile(path, OpenHandle(path, flags));
    }

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => DirectoryOperations.Exists(path);

    public long FileLength(string path) => DirectoryOperations.FileLength(path);

    public void Delete(string path)
    {
        while (Libc.Unlink(path) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.NoEntry)
                return;
            if (errno != Errno.Interrupted)
                throw Errno.Failure(path, "unlink", errno);
        }
    }

    public void Rename(string from, string to)
    {
        while (Libc.Rename(from, to) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted)
                throw Errno.Failure(from, "rename", errno);
        }
    }

    public void CreateDirectory(string path) => DirectoryOperations.Create(path);

    public void DeleteDirectory(string path) => DirectoryOperations.Delete(path);

    public IReadOnlyList<DiskEntry> List(string directory) => DirectoryOperations.List(directory);

    public void SyncDirectory(string directory)
    {
        using var handle = OpenHandle(directory, Libc.ReadOnly);
        Sync(handle, directory, dataOnly: false);
    }

    public bool TrySyncAll(string path)
    {
        using var handle = OpenHandle(path, Libc.ReadOnly);
        while (Libc.SyncFs(handle) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted)
                throw Errno.Failure(path, "syncfs", errno);
        }

        return true;
    }

    public DiskSpace Space(string path) => DirectoryOperations.Space(path);

    /// <summary>flock belongs to the open file, not to the process, so a second broker in one process is refused too.</summary>
    public IDisposable? TryLock(string path)
    {
        var handle = OpenHandle(path, Libc.ReadWrite | Libc.Create);
        while (Libc.FLock(handle, Libc.LockExclusiveNonBlocking) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.Interrupted)
                continue;

            handle.Dispose();
            return errno == Errno.WouldBlock ? null : throw Errno.Failure(path, "flock", errno);
        }

        return handle;
    }

    /// <summary>Makes a file or directory durable. Only EINTR is tried again: after any other failure the dirty pages may be gone.</summary>
    internal static void Sync(SafeFileHandle handle, string path, bool dataOnly)
    {
        while ((dataOnly ? Libc.FDataSync(handle) : Libc.FSync(handle)) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted)
                throw Errno.Failure(path, dataOnly ? "fdatasync" : "fsync", errno);
        }
    }

    private static SafeFileHandle OpenHandle(string path, int flags)
    {
        while (true)
        {
            var descriptor = Libc.Open(path, flags | Libc.CloseOnExec, OwnerReadWriteOthersRead);
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);

            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted)
                throw Errno.Failure(path, "open", errno);
        }
    }

    /// <summary>
    /// Refuses a segment, which stays open, where only the last handles are left: all other files are closed at once, and a sync that could not
    /// open one would take the directory offline. Before the file is made or emptied, afterwards would be too late.
    /// </summary>
    private static void MustHaveRoom(string path)
    {
        using var probe = OpenHandle("/", Libc.ReadOnly);
        if (!FileHandles.IsForSegment(probe.DangerousGetHandle()))
            throw Errno.Failure(path, "open", Errno.TooManyFiles);
    }
}

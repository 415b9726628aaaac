using Microsoft.Win32.SafeHandles;
using OrleansLog.Log;

namespace OrleansLog.TestKit;

/// <summary>Real files by the runtime's own means, for tests and measurements that need no faults. The broker's disk is another.</summary>
public sealed class FileDisk : IDisk
{
    public IDiskFile Open(string path, DiskOpen mode)
    {
        try
        {
            var fileMode = mode switch
            {
                DiskOpen.OpenOrCreate => FileMode.OpenOrCreate,
                DiskOpen.CreateOrTruncate => FileMode.Create,
                _ => FileMode.Open,
            };
            var access = mode == DiskOpen.Read ? FileAccess.Read : FileAccess.ReadWrite;
            return new OpenFile(path, File.OpenHandle(path, fileMode, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DiskException(DiskErrorKind.NotFound, path, "open", 2, error);
        }
    }

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public long FileLength(string path) => new FileInfo(path).Length;

    public void Delete(string path) => File.Delete(path);

    public void Rename(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    }

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public IReadOnlyList<DiskEntry> List(string directory) =>
    [
        .. new DirectoryInfo(directory).EnumerateFileSystemInfos().Select(info => new DiskEntry(
            info.Name, info is DirectoryInfo, info is FileInfo file ? file.Length : 0,
            new DateTimeOffset(info.LastWriteTimeUtc).ToUnixTimeMilliseconds())),
    ];

    public void SyncDirectory(string directory)
    {
        // The runtime has no means for it.
    }

    public bool TrySyncAll(string path) => false;

    public DiskSpace Space(string path)
    {
        var drive = new DriveInfo(path);
        return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
    }

    public IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed class OpenFile(string path, SafeFileHandle handle) : IDiskFile
    {
        public string Path => path;

        public long Length => RandomAccess.GetLength(handle);

        public SafeFileHandle? Handle => handle;

        public int Read(long position, Span<byte> buffer)
        {
            int total = 0;
            while (total < buffer.Length && RandomAccess.Read(handle, buffer[total..], position + total) is > 0 and var read)
            {
                total += read;
            }

            return total;
        }

        public void Write(long position, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, position);

        public void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered) =>
            RandomAccess.Write(handle, gathered.ToArray(), position);

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void Sync(bool dataOnly) => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}

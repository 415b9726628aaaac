namespace OrleansLog.Log;

/// <summary>How <see cref="IDisk.Open"/> treats a file that exists or does not.</summary>
public enum DiskOpen
{
    /// <summary>Read only; a missing file is <see cref="DiskErrorKind.NotFound"/>.</summary>
    Read,

    /// <summary>Read and write; a missing file is <see cref="DiskErrorKind.NotFound"/>.</summary>
    ReadWrite,

    /// <summary>Read and write; a missing file is created empty.</summary>
    OpenOrCreate,

    /// <summary>Read and write; created empty, an existing file is emptied.</summary>
    CreateOrTruncate,
}

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name without its directory.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Length">The file's length in bytes; 0 for a directory.</param>
/// <param name="LastWriteMs">When it was last written, in milliseconds since the Unix epoch.</param>
public readonly record struct DiskEntry(string Name, bool IsDirectory, long Length, long LastWriteMs);

/// <summary>Room on the file system that holds a path.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="AvailableBytes">What this process may still write.</param>
public readonly record struct DiskSpace(long TotalBytes, long AvailableBytes);

/// <summary>
/// The file system as the log sees it (D10). Every method throws <see cref="DiskException"/> on failure and nothing else.
/// Paths are absolute or relative to the process, with the platform's separator.
/// </summary>
public interface IDisk
{
    /// <summary>Opens or creates a file.</summary>
    IDiskFile Open(string path, DiskOpen mode);

    /// <summary>Whether a file (not a directory) of that name exists.</summary>
    bool FileExists(string path);

    /// <summary>Whether a directory of that name exists; an error that leaves it open is thrown.</summary>
    bool DirectoryExists(string path);

    /// <summary>The length of a file in bytes.</summary>
    long FileLength(string path);

    /// <summary>Deletes a file; a missing one is not an error.</summary>
    void Delete(string path);

    /// <summary>Renames a file or a directory; replaces an existing file atomically.</summary>
    void Rename(string from, string to);

    /// <summary>Creates a directory with its parents; an existing one is not an error.</summary>
    void CreateDirectory(string path);

    /// <summary>Deletes a directory and all in it; a missing one is not an error.</summary>
    void DeleteDirectory(string path);

    /// <summary>The names in a directory, in no particular order.</summary>
    IReadOnlyList<DiskEntry> List(string directory);

    /// <summary>Makes creations, renames and deletions in the directory durable (D5).</summary>
    void SyncDirectory(string directory);

    /// <summary>
    /// Makes everything durable that was written to the file system that holds the path, names and bytes, whoever wrote it: one wait for many
    /// small files. False where there is no means for it, and each file and directory has to be synced by itself.
    /// </summary>
    bool TrySyncAll(string path);

    /// <summary>Room on the file system that holds the path.</summary>
    DiskSpace Space(string path);

    /// <summary>Takes an exclusive lock on a file (created when missing), or null if another process or owner holds it.</summary>
    IDisposable? TryLock(string path);
}

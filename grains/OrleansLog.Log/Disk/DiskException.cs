namespace OrleansLog.Log;

/// <summary>What kind of failure the disk reported; decides between refusing appends and taking a directory offline (S8).</summary>
public enum DiskErrorKind
{
    /// <summary>ENOSPC or EDQUOT: no room. Not an error of the disk; appends resume when there is room.</summary>
    NoSpace,

    /// <summary>EROFS: the file system became read-only.</summary>
    ReadOnly,

    /// <summary>EIO and its like: the disk failed.</summary>
    Io,

    /// <summary>The file or directory does not exist.</summary>
    NotFound,

    /// <summary>EACCES or EPERM.</summary>
    AccessDenied,

    /// <summary>EMFILE or ENFILE: too many open files.</summary>
    TooManyFiles,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>A file operation failed. Thrown by <see cref="IDisk"/> only; the log turns it into outcomes where a caller can go on.</summary>
public sealed class DiskException : IOException
{
    /// <summary>Creates the exception.</summary>
    public DiskException(DiskErrorKind kind, string path, string operation, int errno, Exception? inner = null)
        : base($"{operation} '{path}': {kind}{(errno == 0 ? "" : $" (errno {errno})")}{(inner is null ? "" : $": {inner.Message}")}", inner)
    {
        Kind = kind;
        Path = path;
        Operation = operation;
        Errno = errno;
    }

    /// <summary>What kind of failure it was.</summary>
    public DiskErrorKind Kind { get; }

    /// <summary>The file or directory.</summary>
    public string Path { get; }

    /// <summary>What was attempted: open, write, fsync, rename, ...</summary>
    public string Operation { get; }

    /// <summary>The operating system's error number; 0 where unknown.</summary>
    public int Errno { get; }

    /// <summary>Whether the directory has to go offline (S8): everything but a full disk, a missing file and a lack of handles.</summary>
    public bool IsDiskFailure => Kind is DiskErrorKind.ReadOnly or DiskErrorKind.Io or DiskErrorKind.AccessDenied or DiskErrorKind.Other;
}

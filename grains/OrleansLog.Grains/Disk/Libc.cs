using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Grains.Disk;

/// <summary>The few system calls that the disk needs, as Linux declares them on its 64-bit platforms.</summary>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Truncate = 0x200;
    public const int CloseOnExec = 0x80000;

    public const int LockExclusiveNonBlocking = 2 | 4;

    /// <summary>Most buffers of one pwritev (IOV_MAX).</summary>
    public const int MaxGathered = 1024;

    /// <summary>RWF_NOWAIT: a read takes only what is in memory.</summary>
    public const int NoWait = 8;

    private const int FileLimit = 7; // RLIMIT_NOFILE

    /// <summary>One buffer of a gathered read or write.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>A limit in force, and how far it may be raised.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>Most files and sockets of this process, or null where the system does not tell.</summary>
    public static int? TryGetFileLimit() =>
        OperatingSystem.IsLinux() && GetResourceLimit(FileLimit, out var limit) == 0 ? (int)Math.Min(limit.Soft, int.MaxValue) : null;

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetResourceLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint PReadV2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    public static partial nint PWriteV(SafeFileHandle file, IoVector* vectors, int count, long offset);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFs(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Bench;

internal static partial class Libc
{
    /// <summary>What asks a process to stop.</summary>
    public const int Sigterm = 15;

    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Has the system write a file to the disk and forget its bytes.</summary>
    public static void DropFromCache(string path)
    {
        using var handle = File.OpenHandle(path);
        if (Fdatasync(handle) != 0 || Advise(handle, 0, 0, DontNeed) != 0)
            throw new IOException($"the system does not forget {path}");
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Fdatasync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "sendfile64", SetLastError = true)]
    public static partial nint SendFile(int socket, SafeFileHandle file, ref long offset, nuint count);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Grains.Tests.Disk;

/// <summary>The system's memory of files, as far as Linux lets one ask for it.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Has the system forget a file's bytes that are on the disk.</summary>
    public static void Drop(string path)
    {
        using var handle = File.OpenHandle(path);
        Assert.Equal(0, Advise(handle, 0, 0, DontNeed));
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}

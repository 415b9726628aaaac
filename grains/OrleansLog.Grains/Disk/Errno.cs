using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>Linux's error numbers, as far as the disk tells them apart.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int WouldBlock = 11;
    public const int Access = 13;
    public const int NotDirectory = 20;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NoSystemCall = 38;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;

    public static DiskErrorKind ToKind(int errno) => errno switch
    {
        NoSpace or QuotaExceeded => DiskErrorKind.NoSpace,
        ReadOnlyFileSystem => DiskErrorKind.ReadOnly,
        InputOutput => DiskErrorKind.Io,
        NoEntry or NotDirectory => DiskErrorKind.NotFound,
        NotPermitted or Access => DiskErrorKind.AccessDenied,
        TooManyFiles or TooManyFilesInSystem => DiskErrorKind.TooManyFiles,
        _ => DiskErrorKind.Other,
    };

    public static DiskException Failure(string path, string operation, int errno) => new(ToKind(errno), path, operation, errno);
}

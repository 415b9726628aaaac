using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>Turns what .NET's file API throws into <see cref="DiskException"/>.</summary>
internal static class DiskErrors
{
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsTooManyOpenFiles = unchecked((int)0x80070004);

    /// <summary>Runs an operation of .NET's file API.</summary>
    public static T Run<T>(string path, string operation, Func<string, T> action)
    {
        try
        {
            return action(path);
        }
        catch (Exception e) when (Translate(path, operation, e) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The disk failure that an exception stands for, or null when it is no disk failure.</summary>
    public static DiskException? Translate(string path, string operation, Exception exception) => exception switch
    {
        DiskException => null,
        FileNotFoundException or DirectoryNotFoundException => new(DiskErrorKind.NotFound, path, operation, Errno.NoEntry, exception),
        UnauthorizedAccessException => new(DiskErrorKind.AccessDenied, path, operation, Errno.Access, exception),
        IOException io => new(KindOf(io.HResult), path, operation, OperatingSystem.IsWindows() ? 0 : io.HResult, exception),
        _ => null,
    };

    private static DiskErrorKind KindOf(int hResult) => hResult switch
    {
        WindowsDiskFull or WindowsHandleDiskFull => DiskErrorKind.NoSpace,
        WindowsTooManyOpenFiles => DiskErrorKind.TooManyFiles,
        _ when OperatingSystem.IsWindows() => DiskErrorKind.Other,
        _ => Errno.ToKind(hResult),
    };
}

using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Cli;

/// <summary>Opens files of a log directory beside the broker that may be writing them.</summary>
internal static class DumpedFileReader
{
    public static SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"{path}: no such file", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CliException(ExitCode.Error, $"{path}: {e.Message}", e);
        }
    }

    /// <summary>The whole of a small file: an index, a checkpoint.</summary>
    public static byte[] ReadAll(string path, long maxBytes)
    {
        using var file = Open(path);
        var length = RandomAccess.GetLength(file);
        if (length > maxBytes)
        {
            throw new CliException(ExitCode.Damage, $"{path}: {length} bytes is too large for what its name says it is (at most {maxBytes})");
        }

        var bytes = new byte[length];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return bytes[..read];
    }
}

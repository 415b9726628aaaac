using Microsoft.Win32.SafeHandles;
using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>An open file through .NET's file API.</summary>
internal sealed class PortableDiskFile(string path, SafeFileHandle handle) : IDiskFile
{
    public string Path { get; } = path;

    public long Length => DiskErrors.Run(Path, "length", _ => RandomAccess.GetLength(handle));

    public int Read(long position, Span<byte> buffer)
    {
        try
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer[total..], position + total);
                if (read == 0)
                    break;

                total += read;
            }

            return total;
        }
        catch (Exception e) when (DiskErrors.Translate(Path, "read", e) is { } failure)
        {
            throw failure;
        }
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, position);
        }
        catch (Exception e) when (DiskErrors.Translate(Path, "write", e) is { } failure)
        {
            throw failure;
        }
    }

    public void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered)
    {
        try
        {
            RandomAccess.Write(handle, gathered.ToArray(), position);
        }
        catch (Exception e) when (DiskErrors.Translate(Path, "write", e) is { } failure)
        {
            throw failure;
        }
    }

    public void Truncate(long length) => DiskErrors.Run(Path, "truncate", _ =>
    {
        RandomAccess.SetLength(handle, length);
        return true;
    });

    public void Sync(bool dataOnly) => DiskErrors.Run(Path, "flush", _ =>
    {
        RandomAccess.FlushToDisk(handle);
        return true;
    });

    public void Dispose() => handle.Dispose();
}

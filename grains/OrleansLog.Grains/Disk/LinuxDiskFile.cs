using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OrleansLog.Log;

namespace OrleansLog.Grains.Disk;

/// <summary>An open file through libc.</summary>
internal sealed unsafe class LinuxDiskFile(string path, SafeFileHandle handle) : IDiskFile
{
    /// <summary>Whether the C library has preadv2: glibc since 2.26, musl since 1.2.5.</summary>
    private static readonly bool TellsWhatIsCached = NativeLibrary.TryLoad("libc", typeof(Libc).Assembly, null, out var libc) && NativeLibrary.TryGetExport(libc, "preadv2", out _);

    [ThreadStatic]
    private static MemoryHandle[]? s_pins;

    public string Path { get; } = path;

    public long Length => DiskErrors.Run(Path, "fstat", _ => RandomAccess.GetLength(handle));

    public int Read(long position, Span<byte> buffer)
    {
        var total = 0;
        fixed (byte* start = buffer)
        {
            while (total < buffer.Length)
            {
                var read = Libc.PRead(handle, start + total, (nuint)(buffer.Length - total), position + total);
                if (read == 0)
                    break;
                if (read > 0)
                    total += (int)read;
                else
                    ThrowUnlessInterrupted("pread");
            }
        }

        return total;
    }

    public bool TryReadCached(long position, Span<byte> buffer, out int read)
    {
        read = 0;
        while (TellsWhatIsCached)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
                count = Libc.PReadV2(handle, &vector, 1, position, Libc.NoWait);
            }

            // Less than all: the rest is on the disk, or the file ends, which a read that may wait will see.
            if (count >= 0)
                return (read = (int)count) == buffer.Length;

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    break;
                case Errno.WouldBlock:
                    return false;
                case Errno.NotSupported or Errno.NoSystemCall:
                    read = Read(position, buffer);
                    return true;
                case var errno:
                    throw Errno.Failure(Path, "preadv2", errno);
            }
        }

        read = Read(position, buffer);
        return true;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            WriteAll(start, bytes.Length, position);
    }

    public void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered)
    {
        if (gathered.Length == 1)
        {
            Write(position, gathered[0].Span);
            return;
        }

        while (!gathered.IsEmpty)
        {
            var part = gathered[..Math.Min(gathered.Length, Libc.MaxGathered)];
            position += WriteGathered(position, part);
            gathered = gathered[part.Length..];
        }
    }

    public void Truncate(long length)
    {
        while (Libc.FTruncate(handle, length) != 0)
            ThrowUnlessInterrupted("ftruncate");
    }

    public void Sync(bool dataOnly) => LinuxDisk.Sync(handle, Path, dataOnly);

    public void Dispose() => handle.Dispose();

    private long WriteGathered(long position, ReadOnlySpan<ReadOnlyMemory<byte>> buffers)
    {
        var pins = s_pins ??= new MemoryHandle[Libc.MaxGathered];
        var vectors = stackalloc Libc.IoVector[buffers.Length];
        var total = 0L;
        var pinned = 0;
        try
        {
            for (; pinned < buffers.Length; pinned++)
            {
                pins[pinned] = buffers[pinned].Pin();
                vectors[pinned] = new() { Base = pins[pinned].Pointer, Length = (nuint)buffers[pinned].Length };
                total += buffers[pinned].Length;
            }

            WriteVectors(vectors, buffers.Length, position, total);
            return total;
        }
        finally
        {
            for (var i = 0; i < pinned; i++)
                pins[i].Dispose();
        }
    }

    private void WriteVectors(Libc.IoVector* vectors, int count, long position, long remaining)
    {
        while (remaining > 0)
        {
            var written = Libc.PWriteV(handle, vectors, count, position);
            if (written <= 0)
            {
                ThrowUnlessInterrupted("pwritev", written);
                continue;
            }

            // A partial write: go on behind what was taken.
            position += written;
            remaining -= written;
            while (count > 0 && (nuint)written >= vectors->Length)
            {
                written -= (nint)vectors->Length;
                vectors++;
                count--;
            }

            if (count > 0)
            {
                vectors->Base = (byte*)vectors->Base + written;
                vectors->Length -= (nuint)written;
            }
        }
    }

    private void WriteAll(byte* start, int length, long position)
    {
        var total = 0;
        while (total < length)
        {
            var written = Libc.PWrite(handle, start + total, (nuint)(length - total), position + total);
            if (written > 0)
                total += (int)written;
            else
                ThrowUnlessInterrupted("pwrite", written);
        }
    }

    /// <summary>A write that takes nothing and reports nothing would be tried for ever: it counts as a failed disk.</summary>
    private void ThrowUnlessInterrupted(string operation, nint result = -1)
    {
        var errno = result == 0 ? Errno.InputOutput : Marshal.GetLastPInvokeError();
        if (errno != Errno.Interrupted)
            throw Errno.Failure(Path, operation, errno);
    }
}

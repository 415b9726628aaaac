using OrleansLog.Log;

namespace OrleansLog.TestKit;

/// <content>A file that somebody has open.</content>
public sealed partial class MemoryDisk
{
    private sealed class OpenFile(MemoryDisk disk, string path, MemoryFile file) : IDiskFile
    {
        private bool _isClosed;

        public string Path => path;

        public long Length => file.Length;

        public int Read(long position, Span<byte> buffer)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            disk.Step("read", path);
            return file.Read(position, buffer);
        }

        public bool TryReadCached(long position, Span<byte> buffer, out int read)
        {
            var isCached = disk.IsCached(path);
            read = isCached ? Read(position, buffer) : 0;
            return isCached;
        }

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            long room = disk.CapacityBytes - disk.UsedBytes + Math.Max(0, file.Length - position);
            if (bytes.Length > room)
            {
                file.Write(disk.NextChange(), position, bytes[..(int)Math.Max(0, room)]);
                throw new DiskException(DiskErrorKind.NoSpace, path, "write", 28);
            }

            try
            {
                disk.Step("write", path);
            }
            catch (DiskException)
            {
                file.Write(disk.NextChange(), position, bytes[..(bytes.Length / 2)]);
                throw;
            }

            file.LastWriteMs = disk.NowMs;
            file.Write(disk.NextChange(), position, bytes);
        }

        public void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered)
        {
            foreach (var part in gathered)
            {
                Write(position, part.Span);
                position += part.Length;
            }
        }

        public void Truncate(long length)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            disk.Step("truncate", path);
            file.Truncate(disk.NextChange(), (int)length);
        }

        public void Sync(bool dataOnly)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            disk.Step("sync", path);
            file.Sync();
        }

        public void Dispose()
        {
            lock (disk._lock)
            {
                disk.OpenFiles -= _isClosed ? 0 : 1;
                _isClosed = true;
            }
        }
    }
}

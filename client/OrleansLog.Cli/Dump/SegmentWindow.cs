using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Cli;

/// <summary>Reads a file from front to back in big pieces and shows any range of it as memory.</summary>
internal sealed class SegmentWindow : IDisposable
{
    private const int PieceBytes = 1024 * 1024;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private long _start;
    private int _length;

    public SegmentWindow(string path)
    {
        _file = DumpedFileReader.Open(path);
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>Size of the file when it was opened; a broker may be appending to it.</summary>
    public long Length { get; }

    /// <summary>The bytes at a position, fewer where the file ends; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Read(long position, int count)
    {
        count = (int)Math.Clamp(Length - position, 0, count);
        if (position < _start || position + count > _start + _length)
        {
            Load(position, count);
        }

        var at = (int)(position - _start);
        return _buffer.AsMemory(at, Math.Min(count, _length - at));
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));
    }

    private void Load(long position, int count)
    {
        if (count > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(count);
        }

        _start = position;
        _length = 0;
        var wanted = (int)Math.Min(_buffer.Length, Length - position);
        while (_length < wanted)
        {
            var read = RandomAccess.Read(_file, _buffer.AsSpan(_length, wanted - _length), position + _length);
            if (read == 0)
            {
                break;
            }

            _length += read;
        }
    }
}

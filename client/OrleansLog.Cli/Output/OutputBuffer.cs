using System.Buffers;

namespace OrleansLog.Cli;

/// <summary>Gathers bytes for standard output in a block and writes it whole; large spans pass by without a copy.</summary>
internal sealed class OutputBuffer(Stream output, int blockBytes = 256 * 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _block = ArrayPool<byte>.Shared.Rent(blockBytes);
    private int _used;

    /// <summary>Bytes that have not been written yet.</summary>
    public int Pending => _used;

    public void Advance(int count) => _used += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _block.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _block.AsSpan(_used);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _block.Length - _used)
        {
            Flush();
            if (bytes.Length > _block.Length)
            {
                output.Write(bytes);
                return;
            }
        }

        bytes.CopyTo(_block.AsSpan(_used));
        _used += bytes.Length;
    }

    public void Flush()
    {
        if (_used > 0)
        {
            var used = _used;
            _used = 0;
            output.Write(_block.AsSpan(0, used));
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _block, []));

    private void Reserve(int sizeHint)
    {
        var wanted = Math.Max(sizeHint, 1);
        if (wanted <= _block.Length - _used)
        {
            return;
        }

        Flush();
        if (wanted > _block.Length)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = ArrayPool<byte>.Shared.Rent(wanted);
        }
    }
}

using System.Buffers;

namespace OrleansLog.Client;

/// <summary>
/// Where keys and values are serialized before their partition is known; one for each thread, so that no serializer runs under a
/// lock. A serializer that itself produces gets another one.
/// </summary>
internal sealed class ScratchWriter : IBufferWriter<byte>
{
    private const int KeptBytes = 1024 * 1024;

    [ThreadStatic] private static ScratchWriter? s_cached;

    private byte[] _buffer = new byte[1024];

    public int Written { get; private set; }

    public static ScratchWriter Take()
    {
        var writer = s_cached ?? new ScratchWriter();
        s_cached = null;
        writer.Written = 0;
        return writer;
    }

    public static void Return(ScratchWriter writer)
    {
        if (writer._buffer.Length <= KeptBytes)
            s_cached = writer;
    }

    public ReadOnlySpan<byte> Slice(int start, int length) => _buffer.AsSpan(start, length);

    public void Advance(int count)
    {
        if ((uint)count > (uint)(_buffer.Length - Written))
            throw new ArgumentOutOfRangeException(nameof(count), count, "A serializer advanced beyond the memory that it was given.");
        Written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsMemory(Written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsSpan(Written);
    }

    private void Ensure(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = Math.Max(sizeHint, 1);
        if (_buffer.Length - Written >= needed)
            return;
        var size = Math.Max((long)_buffer.Length * 2, (long)Written + needed);
        Array.Resize(ref _buffer, (int)Math.Min(size, Array.MaxLength));
        if (_buffer.Length - Written < needed)
            throw new InvalidOperationException("A record cannot be larger than 2 GiB.");
    }
}

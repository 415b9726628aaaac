using System.Buffers;
using System.Buffers.Binary;

namespace OrleansLog.Protocol.Messages;

/// <summary>
/// What a <see cref="MessageWriter"/> writes into: one pooled array that grows, and references to memory that was too large to
/// copy. Reusable after <see cref="Clear"/>; not for two threads at once.
/// </summary>
/// <remarks>
/// Referenced memory must stay as it is until the segments are sent. The array goes back to its pool on Dispose, after which
/// segments must not be used.
/// </remarks>
public sealed class MessageBuffer : IDisposable
{
    /// <summary>Bytes and records above this size are referenced, not copied.</summary>
    public const int ReferenceAboveBytes = 4096;

    private readonly ArrayPool<byte> _pool;
    private readonly List<(int At, ReadOnlyMemory<byte> Memory)> _references = [];
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private byte[] _array;
    private int _count;
    private long _referencedBytes;

    /// <summary>An empty buffer.</summary>
    /// <param name="capacityBytes">The room to begin with.</param>
    /// <param name="pool">Where arrays come from; null is the shared pool.</param>
    public MessageBuffer(int capacityBytes = 1024, ArrayPool<byte>? pool = null)
    {
        _pool = pool ?? ArrayPool<byte>.Shared;
        _array = _pool.Rent(capacityBytes);
    }

    /// <summary>All bytes, referenced ones included.</summary>
    public long Length => _count + _referencedBytes;

    /// <summary>Bytes in the array of its own: where the next byte goes, and what <see cref="PatchInt32"/> counts from.</summary>
    public int Count => _count;

    /// <summary>Bytes that the array can hold before it grows: a caller may throw away a buffer that a large message has blown up.</summary>
    public int Capacity => _array.Length;

    /// <summary>The pieces in order, until the next write; one list, filled anew with each call.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments
    {
        get
        {
            _segments.Clear();
            int at = 0;
            foreach ((int referenceAt, ReadOnlyMemory<byte> memory) in _references)
            {
                if (referenceAt > at) _segments.Add(_array.AsMemory(at, referenceAt - at));
                _segments.Add(memory);
                at = referenceAt;
            }

            if (_count > at) _segments.Add(_array.AsMemory(at, _count - at));
            return _segments;
        }
    }

    /// <summary>Empties the buffer and lets go of what it referenced; the array stays.</summary>
    public void Clear()
    {
        _count = 0;
        _referencedBytes = 0;
        _references.Clear();
        _segments.Clear();
    }

    /// <summary>Puts memory of the caller's next, without copying.</summary>
    public void AppendReference(ReadOnlyMemory<byte> memory)
    {
        if (memory.IsEmpty) return;
        _references.Add((_count, memory));
        _referencedBytes += memory.Length;
    }

    /// <summary>Room for <paramref name="bytes"/> more bytes, which count as written.</summary>
    public Span<byte> Append(int bytes)
    {
        int at = _count;
        if (_array.Length - at < bytes) Grow(bytes);
        _count = at + bytes;
        return _array.AsSpan(at, bytes);
    }

    /// <summary>Overwrites four bytes that were written at <paramref name="at"/> (a <see cref="Count"/> of then).</summary>
    public void PatchInt32(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_array.AsSpan(0, _count).Slice(at, sizeof(int)), value);

    /// <summary>A copy of all bytes, in one array.</summary>
    public byte[] ToArray()
    {
        byte[] all = new byte[Length];
        int at = 0;
        foreach (ReadOnlyMemory<byte> segment in Segments)
        {
            segment.Span.CopyTo(all.AsSpan(at));
            at += segment.Length;
        }

        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] array = _array;
        Clear();
        _array = [];
        if (array.Length > 0) _pool.Return(array);
    }

    /// <summary>Bytes referenced behind <paramref name="at"/>.</summary>
    internal long ReferencedSince(int at)
    {
        long bytes = 0;
        for (int i = _references.Count - 1; i >= 0 && _references[i].At > at; i--) bytes += _references[i].Memory.Length;
        return bytes;
    }

    /// <summary>
    /// Puts an unsigned varint in front of what was written since <paramref name="start"/>, where one byte was left for it. Only
    /// a value of more than seven bits moves bytes.
    /// </summary>
    internal void PatchVarint(int start, uint value)
    {
        int extra = Varint.SizeOfUnsigned(value) - 1;
        if (extra > 0)
        {
            int content = start + 1;
            int length = _count - content;
            _ = Append(extra);
            _array.AsSpan(content, length).CopyTo(_array.AsSpan(content + extra));
            for (int i = _references.Count - 1; i >= 0 && _references[i].At >= content; i--)
                _references[i] = (_references[i].At + extra, _references[i].Memory);
        }

        _ = Varint.WriteUnsigned(_array.AsSpan(start), value);
    }

    private void Grow(int bytes)
    {
        long wanted = Math.Max((long)_count + bytes, 2L * _array.Length);
        byte[] larger = _pool.Rent((int)Math.Min(wanted, Array.MaxLength));
        _array.AsSpan(0, _count).CopyTo(larger);
        if (_array.Length > 0) _pool.Return(_array);
        _array = larger;
    }
}

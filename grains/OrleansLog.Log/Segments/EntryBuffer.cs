using System.Buffers;

namespace OrleansLog.Log;

/// <summary>
/// The entries of one index in the bytes of its file, in pooled memory. One writer appends, readers search what is
/// published; a replaced array goes back to the pool only with the buffer itself, when no reader is left.
/// </summary>
internal sealed class EntryBuffer(ArrayPool<byte> pool, int entrySize)
{
    private const int InitialBytes = 512;
    private byte[] _bytes = [];
    private int _length;
    private List<byte[]>? _retired;

    /// <summary>Bytes that the file is known to hold already; the rest is written by <see cref="IndexFile.Persist"/>.</summary>
    internal int PersistedBytes { get; set; }

    /// <summary>The file's length as far as it is known; -1 where it is not.</summary>
    internal long FileBytes { get; set; }

    internal int Count => Volatile.Read(ref _length) / entrySize;

    internal int LengthInBytes => Volatile.Read(ref _length);

    internal int CapacityInBytes => _bytes.Length;

    /// <summary>
    /// What is published. The length is read before the array, so that the array is not too short for it, and once more: entries that were cut off in
    /// between are not in the array that took the place.
    /// </summary>
    internal ReadOnlySpan<byte> Published
    {
        get
        {
            int length = Volatile.Read(ref _length);
            byte[] bytes = Volatile.Read(ref _bytes);
            length = Math.Min(Math.Min(length, Volatile.Read(ref _length)), bytes.Length);
            return bytes.AsSpan(0, length - (length % entrySize));
        }
    }

    /// <summary>Room for one entry; it counts after <see cref="Publish"/>.</summary>
    internal Span<byte> Next()
    {
        if (_length + entrySize > _bytes.Length)
            Replace(Math.Max(InitialBytes, _bytes.Length * 2));
        return _bytes.AsSpan(_length, entrySize);
    }

    internal void Publish() => Volatile.Write(ref _length, _length + entrySize);

    /// <summary>Takes a file's content over; only before the buffer is shared.</summary>
    internal Span<byte> Load(int lengthInBytes)
    {
        Replace(Math.Max(lengthInBytes, entrySize));
        _length = lengthInBytes;
        PersistedBytes = lengthInBytes;
        FileBytes = lengthInBytes;
        return _bytes.AsSpan(0, lengthInBytes);
    }

    /// <summary>Cuts entries off. The array is replaced, so that a reader in the old one never sees it overwritten.</summary>
    internal void TruncateTo(int entries)
    {
        int length = entries * entrySize;
        if (length >= _length)
            return;
        Volatile.Write(ref _length, length);
        Replace(Math.Max(InitialBytes, length));
        PersistedBytes = Math.Min(PersistedBytes, length);
    }

    internal void ReturnToPool()
    {
        if (_bytes.Length > 0)
            pool.Return(_bytes);
        foreach (byte[] old in _retired ?? [])
            pool.Return(old);
        _bytes = [];
        _length = 0;
        _retired = null;
    }

    private void Replace(int capacity)
    {
        byte[] larger = pool.Rent(capacity);
        _bytes.AsSpan(0, Math.Min(_length, _bytes.Length)).CopyTo(larger);
        if (_bytes.Length > 0)
            (_retired ??= []).Add(_bytes);
        Volatile.Write(ref _bytes, larger);
    }
}

namespace OrleansLog.TestKit;

/// <summary>A file of <see cref="MemoryDisk"/>: its content, what of it was synced, and what was done since.</summary>
internal sealed class MemoryFile(byte[] content)
{
    private const int BlockBytes = 64;
    private readonly Lock _lock = new();
    private readonly List<Change> _unsynced = [];
    private byte[] _bytes = content;
    private int _length = content.Length;
    private byte[] _synced = content.ToArray();

    /// <summary>Bytes written at a position, or a new length where there are none.</summary>
    private readonly record struct Change(long Number, int Position, byte[]? Bytes);

    public int Length
    {
        get
        {
            lock (_lock)
            {
                return _length;
            }
        }
    }

    public long LastWriteMs { get; set; }

    public byte[] ToArray()
    {
        lock (_lock)
        {
            return _bytes[.._length];
        }
    }

    public int Read(long position, Span<byte> buffer)
    {
        lock (_lock)
        {
            int count = (int)Math.Clamp(_length - position, 0, buffer.Length);
            _bytes.AsSpan((int)Math.Min(position, _length), count).CopyTo(buffer);
            return count;
        }
    }

    public void Write(long number, long position, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var change = new Change(number, (int)position, bytes.ToArray());
            _unsynced.Add(change);
            Apply(ref _bytes, ref _length, change);
        }
    }

    public void Truncate(long number, int length)
    {
        lock (_lock)
        {
            var change = new Change(number, length, null);
            _unsynced.Add(change);
            Apply(ref _bytes, ref _length, change);
        }
    }

    public void Sync()
    {
        lock (_lock)
        {
            _synced = _bytes[.._length];
            _unsynced.Clear();
        }
    }

    /// <summary>The synced content and the changes before a moment; of the one at that moment, some of its bytes.</summary>
    public MemoryFile At(long moment, Random random)
    {
        lock (_lock)
        {
            byte[] bytes = _synced.ToArray();
            int length = bytes.Length;
            foreach (Change change in _unsynced)
            {
                if (change.Number < moment)
                {
                    Apply(ref bytes, ref length, change);
                }
                else if (change.Number == moment && change.Bytes is { Length: > 0 } torn)
                {
                    Apply(ref bytes, ref length, change with { Bytes = torn[..random.Next(torn.Length)] });
                }
            }

            return new MemoryFile(bytes[..length]) { LastWriteMs = LastWriteMs };
        }
    }

    /// <summary>Each block as it was last written or as it was last synced, as writeback pleases.</summary>
    public MemoryFile AnyBlocks(Random random)
    {
        lock (_lock)
        {
            if (_unsynced.Count == 0)
            {
                return new MemoryFile(_synced.ToArray()) { LastWriteMs = LastWriteMs };
            }

            bool hasNewLength = random.Next(3) > 0;
            byte[] bytes = new byte[hasNewLength ? _length : _synced.Length];
            for (int at = 0; at < bytes.Length; at += BlockBytes)
            {
                ReadOnlySpan<byte> from = random.Next(4) > 0 ? _bytes.AsSpan(0, _length) : _synced;
                int count = Math.Clamp(from.Length - at, 0, Math.Min(BlockBytes, bytes.Length - at));
                from.Slice(Math.Min(at, from.Length), count).CopyTo(bytes.AsSpan(at));
            }

            return new MemoryFile(bytes) { LastWriteMs = LastWriteMs };
        }
    }

    private static void Apply(ref byte[] bytes, ref int length, Change change)
    {
        int end = change.Bytes is null ? change.Position : change.Position + change.Bytes.Length;
        if (end > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(end, bytes.Length * 2));
        }

        if (change.Bytes is null)
        {
            bytes.AsSpan(Math.Min(length, end), Math.Abs(end - length)).Clear();
            length = end;
        }
        else
        {
            change.Bytes.CopyTo(bytes, change.Position);
            length = Math.Max(length, end);
        }
    }
}

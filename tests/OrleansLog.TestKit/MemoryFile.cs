namespace OrleansLog.TestKit;

/// <summary>A file of <see cref="MemoryDisk"/>: its content, what of it was synced, and what was done since.</summary>
internal sealed class MemoryFile(byte[] content)
{
    private readonly Lock _lock = new();
    private readonly List<Change> _unsynced = [];
    private byte[] _bytes = content;
    private int _length = content.Length;
    private byte[] _synced = content.ToArray();

    /// <summary>Bytes written at a position, or a new length where there are none.</summary>
    private readonly record struct Change(int Position, byte[]? Bytes);

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

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var change = new Change((int)position, bytes.ToArray());
            _unsynced.Add(change);
            Apply(ref _bytes, ref _length, change);
        }
    }

    public void Truncate(int length)
    {
        lock (_lock)
        {
            var change = new Change(length, null);
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

    /// <summary>The synced content with some of the later changes: a prefix of them cut at any byte, or any of them.</summary>
    public MemoryFile AfterPowerLoss(Random random, bool reorders)
    {
        lock (_lock)
        {
            byte[] bytes = _synced.ToArray();
            int length = bytes.Length;
            int kept = random.Next(_unsynced.Count + 1);
            for (int i = 0; i < _unsynced.Count; i++)
            {
                bool survives = reorders ? random.Next(2) == 0 : i < kept;
                if (survives)
                {
                    Apply(ref bytes, ref length, _unsynced[i]);
                }
                else if (i == kept && !reorders && _unsynced[i].Bytes is { Length: > 0 } torn)
                {
                    Apply(ref bytes, ref length, _unsynced[i] with { Bytes = torn[..random.Next(torn.Length)] });
                }
            }

            return new MemoryFile(bytes[..length]) { LastWriteMs = LastWriteMs };
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

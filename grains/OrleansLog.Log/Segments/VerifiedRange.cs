namespace OrleansLog.Log;

/// <summary>
/// Which bytes of a segment need no CRC check any more (D15: checked on the first read of each segment per process): a
/// head that was read, and a tail that this process appended. The two grow together.
/// </summary>
internal sealed class VerifiedRange
{
    private readonly Lock _lock = new();
    private long _headFrom;
    private long _headTo;
    private long _tailFrom = long.MaxValue;

    /// <summary>Everything from a position on is this process's own writing.</summary>
    internal void TrustFrom(long position)
    {
        lock (_lock)
        {
            _tailFrom = Math.Min(position, _tailFrom);
            Join();
        }
    }

    /// <summary>The file was cut: nothing behind the position is known, but what comes there next is this process's own.</summary>
    internal void CutAt(long position)
    {
        lock (_lock)
        {
            (_headFrom, _headTo) = (Math.Min(_headFrom, position), Math.Min(_headTo, position));
            _tailFrom = Math.Min(_tailFrom, position);
            Join();
        }
    }

    internal bool Covers(long from, long to)
    {
        lock (_lock)
        {
            return from >= _tailFrom || (from >= _headFrom && to <= _headTo);
        }
    }

    /// <summary>The bytes were checked and are good.</summary>
    internal void Add(long from, long to)
    {
        lock (_lock)
        {
            if (from >= _tailFrom)
                return;
            bool touches = from <= _headTo && to >= _headFrom;
            if (touches)
                (_headFrom, _headTo) = (Math.Min(from, _headFrom), Math.Max(to, _headTo));
            else if (to - from > _headTo - _headFrom)
                (_headFrom, _headTo) = (from, to);
            Join();
        }
    }

    private void Join()
    {
        if (_headTo < _tailFrom)
            return;
        _tailFrom = Math.Min(_tailFrom, _headFrom);
    }
}

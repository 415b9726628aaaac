namespace OrleansLog.Log;

/// <summary>
/// Where recent reads and appends ended: the next sequential read begins right there and searches nothing. A small
/// direct-mapped table; a hint is either exact or absent.
/// </summary>
internal sealed class PositionHints
{
    private const int Slots = 16;
    private readonly Lock _lock = new();
    private Hint[]? _hints;
    private long _generation;

    private record struct Hint(LogSegment? Segment, long Offset, int Position);

    /// <summary>Rises when positions change their meaning; read it before a position is looked for.</summary>
    internal long Generation => Interlocked.Read(ref _generation);

    /// <summary>Takes a hint, unless it was found before positions changed their meaning.</summary>
    internal void Set(LogSegment segment, long offset, int position, long generation)
    {
        lock (_lock)
        {
            if (generation != _generation)
                return;
            _hints ??= new Hint[Slots];
            _hints[Slot(offset)] = new Hint(segment, offset, position);
        }
    }

    internal bool TryGet(LogSegment segment, long offset, out int position)
    {
        lock (_lock)
        {
            position = 0;
            if (_hints is null)
                return false;
            ref Hint hint = ref _hints[Slot(offset)];
            position = hint.Position;
            return hint.Segment == segment && hint.Offset == offset;
        }
    }

    /// <summary>Forgets all: positions have changed their meaning.</summary>
    internal void Clear()
    {
        lock (_lock)
        {
            _hints = null;
            _generation++;
        }
    }

    // Fibonacci hashing: readers that start at multiples of a power of two do not share a slot.
    private static int Slot(long offset) => (int)(((ulong)offset * 0x9E3779B97F4A7C15UL) >> 60);
}

using System.Numerics;

namespace OrleansLog.Client;

/// <summary>One answer as it came, in one piece. Whoever holds it disposes it once; its memory is then another answer's.</summary>
internal sealed class Frame(FramePool? pool, byte[] array) : IDisposable
{
    private int _length;
    private int _isOut;

    /// <summary>The answer's bytes: correlation id, header, body.</summary>
    public Memory<byte> Memory => array.AsMemory(0, _length);

    public int Capacity => array.Length;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOut, 0) == 1)
            pool?.Return(this);
    }

    internal Frame Start(int length)
    {
        _length = length;
        _isOut = 1;
        return this;
    }
}

/// <summary>
/// Memory for answers, used again: the first touch of a page costs more than what is received into it. Sizes go in quarter steps
/// between powers of two; what lies idle is bounded, and goes when nobody has rented for a while.
/// </summary>
internal sealed class FramePool(long idleBytesMax)
{
    private const int SmallestBits = 12;
    private const int StepsPerDoubling = 4;

    private readonly Lock _gate = new();
    private readonly Stack<Frame>[] _idle = [.. Enumerable.Range(0, ((31 - SmallestBits) * StepsPerDoubling) + 1).Select(static _ => new Stack<Frame>())];
    private long _idleBytes;
    private bool _isUsed;

    public long IdleBytes
    {
        get
        {
            lock (_gate)
                return _idleBytes;
        }
    }

    public Frame Rent(int length)
    {
        var (index, size) = SizeClass(length);
        lock (_gate)
        {
            _isUsed = true;
            if (_idle[index].TryPop(out var frame))
            {
                _idleBytes -= frame.Capacity;
                return frame.Start(length);
            }
        }

        return new Frame(this, GC.AllocateUninitializedArray<byte>(size)).Start(length);
    }

    /// <summary>Memory that the garbage collector takes back: for answers whose bytes outlive the call.</summary>
    public static Frame Unpooled(int length) => new Frame(null, GC.AllocateUninitializedArray<byte>(length)).Start(length);

    /// <summary>Lets idle memory go if nothing was rented since the last call.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            if (!_isUsed)
                Clear();
            _isUsed = false;
        }
    }

    internal void Return(Frame frame)
    {
        lock (_gate)
        {
            var idle = _idle[SizeClass(frame.Capacity).Index];
            if (_idleBytes + frame.Capacity > idleBytesMax)
            {
                if (idle.Count > 0 || frame.Capacity > idleBytesMax)
                    return;
                Clear(); // Other sizes hold it all: what is asked for has changed.
            }

            _idleBytes += frame.Capacity;
            idle.Push(frame);
        }
    }

    private static (int Index, int Size) SizeClass(int length)
    {
        if (length <= 1 << SmallestBits)
            return (0, 1 << SmallestBits);
        var bits = BitOperations.Log2((uint)(length - 1));
        var step = 1 << (bits - 2);
        var steps = ((length - 1 - (1 << bits)) / step) + 1;
        return (((bits - SmallestBits) * StepsPerDoubling) + steps, (int)Math.Min(Array.MaxLength, (1L << bits) + ((long)steps * step)));
    }

    private void Clear()
    {
        foreach (var stack in _idle)
            stack.Clear();
        _idleBytes = 0;
    }
}

using System.Diagnostics;

namespace OrleansLog.Kafka.Network;

/// <summary>One request as it came: contiguous bytes in pooled memory. Messages slice them, so it lives until the request is answered.</summary>
internal sealed class RequestFrame(FrameMemory memory, int length, int firstRoomBytes) : IDisposable
{
    private byte[] _array = FrameMemory.Rent(Math.Min(length, Math.Min(firstRoomBytes, FrameMemory.FirstStepBytes)));
    private long _chargedBytes;

    /// <summary>The declared length.</summary>
    public int Length => length;

    /// <summary>Bytes that have arrived.</summary>
    public int Filled { get; private set; }

    /// <summary>When the last byte came, as <see cref="Stopwatch.GetTimestamp"/> counts.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>The whole request.</summary>
    public Memory<byte> Bytes => _array.AsMemory(0, length);

    public bool IsComplete => Filled == length;

    /// <summary>Room for the next bytes; never more than what has arrived already, beyond the first step.</summary>
    public Memory<byte> Room => _array.AsMemory(Filled, Math.Min(_array.Length, length) - Filled);

    /// <summary>Whether it is of the budget for large requests.</summary>
    public bool IsLarge => length > FrameMemory.FirstStepBytes;

    public bool IsCharged => _chargedBytes > 0;

    public void Charged(long bytes) => _chargedBytes += bytes;

    public void Advance(int bytes)
    {
        Filled += bytes;
        if (IsComplete)
            ArrivedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>More room, when it is full: to twice of what has arrived; once it is charged, to the trusted size.</summary>
    public void Grow(int trustedBytes)
    {
        var room = IsCharged ? Math.Max(2L * Filled, trustedBytes) : Math.Min(2L * Filled, FrameMemory.FirstStepBytes);
        var larger = FrameMemory.Rent((int)Math.Min(length, room));
        _array.AsSpan(0, Filled).CopyTo(larger);
        FrameMemory.Return(_array);
        _array = larger;
    }

    public void Dispose()
    {
        var array = _array;
        _array = [];
        if (array.Length == 0)
            return;

        FrameMemory.Return(array);
        memory.Release(_chargedBytes, IsLarge);
    }
}

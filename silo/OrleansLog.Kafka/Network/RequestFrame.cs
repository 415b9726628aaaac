using System.Diagnostics;

namespace OrleansLog.Kafka.Network;

/// <summary>One request as it came: contiguous bytes in pooled memory. Messages slice them, so it lives until the request is answered.</summary>
internal sealed class RequestFrame : IDisposable
{
    private readonly FrameMemory _memory;
    private readonly ConnectionActivity _activity;
    private byte[] _array;
    private int _roomBytes;

    public RequestFrame(FrameMemory memory, ConnectionActivity activity, int length, int firstRoomBytes)
    {
        _memory = memory;
        _activity = activity;
        Length = length;
        _array = FrameMemory.Rent(Math.Min(length, Math.Min(firstRoomBytes, FrameMemory.FirstStepBytes)));
        _roomBytes = Math.Min(length, _array.Length);
    }

    /// <summary>The declared length.</summary>
    public int Length { get; }

    /// <summary>Bytes that have arrived.</summary>
    public int Filled { get; private set; }

    /// <summary>When the last byte came, as <see cref="Stopwatch.GetTimestamp"/> counts.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>The whole request.</summary>
    public Memory<byte> Bytes => _array.AsMemory(0, Length);

    public bool IsComplete => Filled == Length;

    /// <summary>Room for the next bytes.</summary>
    public Memory<byte> Room => _array.AsMemory(Filled, _roomBytes - Filled);

    /// <summary>Whether it is of the budget for large requests.</summary>
    public bool IsLarge => Length > FrameMemory.FirstStepBytes;

    /// <summary>What it has taken of its budget.</summary>
    public long ChargedBytes { get; private set; }

    public void Charge(long bytes)
    {
        ChargedBytes += bytes;
        if (IsLarge)
            _activity.Hold(bytes);
    }

    public void Advance(int bytes)
    {
        Filled += bytes;
        if (IsComplete)
            ArrivedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>More room, when it is full.</summary>
    public void Grow(int roomBytes)
    {
        var larger = FrameMemory.Rent(roomBytes);
        _array.AsSpan(0, Filled).CopyTo(larger);
        FrameMemory.Return(_array);
        _array = larger;
        _roomBytes = roomBytes;
    }

    public void Dispose()
    {
        var array = _array;
        _array = [];
        if (array.Length == 0)
            return;

        FrameMemory.Return(array);
        _memory.Release(ChargedBytes, IsLarge);
        if (IsLarge)
            _activity.Hold(-ChargedBytes);
    }
}

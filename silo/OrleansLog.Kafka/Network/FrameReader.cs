using System.Buffers.Binary;
using OrleansLog.Kafka.Network.Sockets;

namespace OrleansLog.Kafka.Network;

/// <summary>
/// Cuts a connection's bytes into requests: four bytes of length, then the request. A large request is received where it
/// stays; what came along with others is copied once. A connection that waits for nothing in particular holds no buffer.
/// </summary>
internal sealed class FrameReader(ClientSocket socket, FrameMemory memory, ConnectionSettings settings, ConnectionActivity activity) : IDisposable
{
    private const int PrefixBytes = sizeof(int);
    private const int BufferBytes = 64 * 1024;

    /// <summary>What a request of a connection that has sent none yet gets at first.</summary>
    private const int FirstRoomBytes = 4096;

    /// <summary>What is asked for where the requests are large: hardly more than the length, the rest goes to its own memory.</summary>
    private const int ShortReadBytes = 2048;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _trustedBytes;
    private bool _isFirst = true;

    /// <summary>The first bytes of a connection that did not speak Kafka, when that is why the reader stopped.</summary>
    public Greeting Greeting { get; private set; }

    /// <summary>The length that was refused, when that is why the reader stopped.</summary>
    public int? RefusedLength { get; private set; }

    /// <summary>The next request, or null at the end: the peer closed, or sent what is no request.</summary>
    /// <param name="mayWaitEmpty">True when the next request may be long in coming, so that the wait holds no buffer.</param>
    /// <param name="cancellationToken">Ends the wait for room in memory.</param>
    public async ValueTask<RequestFrame?> ReadAsync(bool mayWaitEmpty, CancellationToken cancellationToken)
    {
        while (_end - _start < PrefixBytes)
        {
            if (!await FillAsync(mayWaitEmpty).ConfigureAwait(false))
                return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (_isFirst && (Greeting = GreetingReader.Read(_buffer.AsSpan(_start, PrefixBytes))) != Greeting.Kafka)
            return null;

        _isFirst = false;
        if (length <= 0 || length > settings.RequestMaxBytes)
        {
            RefusedLength = length;
            return null;
        }

        _start += PrefixBytes;
        return await ReadBodyAsync(length, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => ReturnBuffer();

    private async ValueTask<RequestFrame?> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var frame = new RequestFrame(memory, activity, length, Math.Max(_trustedBytes, Math.Max(FirstRoomBytes, _end - _start)));
        try
        {
            TakeBuffered(frame);
            activity.MidRequest = !frame.IsComplete;
            while (!frame.IsComplete)
            {
                if (_start == _end)
                    ReturnBuffer();

                if (frame.Room.IsEmpty)
                    await GrowAsync(frame, cancellationToken).ConfigureAwait(false);

                var received = await socket.ReceiveAsync(frame.Room).ConfigureAwait(false);
                if (received == 0)
                {
                    frame.Dispose();
                    return null;
                }

                activity.Received(received);
                frame.Advance(received);
            }

            activity.MidRequest = false;
            if (!frame.IsLarge)
                await ChargeAsync(frame, frame.Length, cancellationToken).ConfigureAwait(false);

            _trustedBytes = Math.Max(_trustedBytes, length);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The memory grows with what arrives, to twice of it at a time; beyond the first step each time out of the budget. A connection that has sent
    /// large requests before gets as much at once, where nobody has to wait for it.
    /// </summary>
    private async ValueTask GrowAsync(RequestFrame frame, CancellationToken cancellationToken)
    {
        var room = (int)Math.Min(frame.Length, 2L * frame.Filled);
        if (frame.Filled < FrameMemory.FirstStepBytes)
        {
            frame.Grow(Math.Min(room, FrameMemory.FirstStepBytes));
            return;
        }

        var trusted = Math.Min(frame.Length, _trustedBytes);
        if (trusted > room && memory.TryTakeLarge(trusted - frame.ChargedBytes))
        {
            frame.Charge(trusted - frame.ChargedBytes);
            frame.Grow(trusted);
            return;
        }

        activity.MidRequest = false;
        await ChargeAsync(frame, room, cancellationToken).ConfigureAwait(false);
        activity.Touch();
        activity.MidRequest = true;
        frame.Grow(room);
    }

    /// <summary>A small request is charged when it is whole: one that never ends keeps no other one waiting.</summary>
    private async ValueTask ChargeAsync(RequestFrame frame, int bytes, CancellationToken cancellationToken)
    {
        var more = bytes - frame.ChargedBytes;
        await memory.TakeAsync(more, frame.IsLarge, frame.ChargedBytes, cancellationToken).ConfigureAwait(false);
        frame.Charge(more);
    }

    private void TakeBuffered(RequestFrame frame)
    {
        var room = frame.Room;
        var bytes = Math.Min(room.Length, _end - _start);
        if (bytes == 0)
            return;

        _buffer.AsSpan(_start, bytes).CopyTo(room.Span);
        _start += bytes;
        frame.Advance(bytes);
    }

    private async ValueTask<bool> FillAsync(bool mayWaitEmpty)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (mayWaitEmpty)
            {
                ReturnBuffer();
                await socket.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
            }
        }

        _buffer ??= FrameMemory.Rent(BufferBytes);
        if (_buffer.Length - _start < PrefixBytes)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var room = _buffer.AsMemory(_end);
        if (_trustedBytes > BufferBytes)
            room = room[..Math.Min(room.Length, ShortReadBytes)];

        activity.MidRequest = _end > _start;
        var received = await socket.ReceiveAsync(room).ConfigureAwait(false);
        activity.Received(received);
        _end += received;
        return received > 0;
    }

    private void ReturnBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            FrameMemory.Return(buffer);
        }
    }
}

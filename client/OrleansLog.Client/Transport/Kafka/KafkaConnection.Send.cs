using System.Net.Sockets;
using System.Runtime.InteropServices;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaConnection
{
    // What one send takes at most: enough to fill the socket, and below the number of pieces that systems gather in one call.
    private const int CallsPerSendMax = 64;
    private const long BytesPerSendMax = 4L << 20;
    private const int KeptBufferBytes = 256 * 1024;

    private readonly SocketAsyncEventArgs _sendArgs = new(unsafeSuppressExecutionContextFlow: true);
    private readonly List<KafkaCall> _unanswered = [];
    private readonly List<ArraySegment<byte>> _pieces = [];
    private readonly RequestHeaderData _header = new();
    private MessageBuffer _out = new(4 * 1024);
    private bool _isWriting;
    private int _callsInBuffer;
    private int _writtenThrough;

    /// <summary>Writes what waits, until nothing does or the socket is full; then its completion goes on.</summary>
    public void Pump()
    {
        while (TakeBatch())
        {
            if (StartSend())
                return;
            if (!FinishSend())
                break;
        }

        Drain();
    }

    private void OnSendCompleted()
    {
        if (FinishSend())
            Pump();
        else
            Drain();
    }

    // Moves waiting calls into the buffer. False: nothing to write, and no writer any more.
    private bool TakeBatch()
    {
        while (true)
        {
            KafkaCall call;
            var isRefused = false;
            lock (_gate)
            {
                if (_failure is not null || _queue.Count == 0)
                {
                    _isWriting = false;
                    NoteIdle();
                    return false;
                }

                call = _queue.Dequeue();
                if (call.IsAbandoned || call.Negotiate(_versions) is not (>= 0 and var version))
                {
                    isRefused = true;
                }
                else
                {
                    call.Absorb(_queue);
                    var now = _environment.Time.GetTimestamp();
                    call.Start(version, ++_lastCorrelationId, now, _environment.After(now, (long)_environment.Options.RequestTimeoutMs + call.WaitMs));
                    if (call.HasAnswer)
                        _pending.Enqueue(call);
                    else
                        _unanswered.Add(call);
                }
            }

            if (isRefused)
            {
                call.Fail(new KafkaFailure(
                    ErrorCode.UnsupportedVersion,
                    $"The broker at {Address} serves versions {_versions.Describe(call.ApiKey)} of {call.ApiKey}; this client needs {call.MinVersion} to {call.MaxVersion}."));
                continue;
            }

            if (!TryWrite(call))
                return true; // The send fails, because the connection is closed.
            lock (_gate)
            {
                _writtenThrough = _lastCorrelationId;
                if (_queue.Count == 0 || ++_callsInBuffer >= CallsPerSendMax || _out.Length >= BytesPerSendMax)
                    return true;
            }
        }
    }

    private bool TryWrite(KafkaCall call)
    {
        try
        {
            var start = _out.Count;
            var lengthBefore = _out.Length;
            _out.Append(sizeof(int));
            var writer = new MessageWriter(_out);
            _header.RequestApiKey = (short)call.ApiKey;
            _header.RequestApiVersion = call.Version;
            _header.CorrelationId = call.CorrelationId;
            _header.ClientId = _environment.Options.ClientId;
            _header.Write(ref writer, ApiCatalog.RequestHeaderVersion(call.ApiKey, call.Version));
            call.Write(ref writer);
            _out.PatchInt32(start, checked((int)(_out.Length - lengthBefore - sizeof(int))));
            return true;
        }
        catch (Exception error)
        {
            Close(new KafkaFailure(ErrorCode.InvalidRequest, $"A {call.ApiKey} request cannot be written: {error.Message}"));
            return false;
        }
    }

    // True: under way; its completion goes on.
    private bool StartSend()
    {
        _pieces.Clear();
        foreach (var segment in _out.Segments)
        {
            _pieces.Add(MemoryMarshal.TryGetArray(segment, out var piece) ? piece : new ArraySegment<byte>(segment.ToArray()));
        }

        try
        {
            if (_pieces.Count == 1)
            {
                _sendArgs.BufferList = null;
                _sendArgs.SetBuffer(_pieces[0].AsMemory());
            }
            else
            {
                if (_sendArgs.MemoryBuffer.Length > 0)
                    _sendArgs.SetBuffer(Memory<byte>.Empty);
                _sendArgs.BufferList = _pieces;
            }

            return _socket.SendAsync(_sendArgs);
        }
        catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException or SocketException)
        {
            _sendArgs.SocketError = SocketError.OperationAborted;
            return false;
        }
    }

    // False: the connection is closed, and there is no writer any more.
    private bool FinishSend()
    {
        if (_sendArgs.SocketError != SocketError.Success)
            Close(KafkaFailure.Network($"The connection to the broker at {Address} broke: {new SocketException((int)_sendArgs.SocketError).Message}."));
        else if (_sendArgs.BytesTransferred != _out.Length)
            Close(KafkaFailure.Network($"The connection to the broker at {Address} took only a part of a request."));
        return EndBatch();
    }

    private bool EndBatch()
    {
        KafkaFailure? failure;
        lock (_gate)
        {
            failure = _failure;
            if (failure is not null)
                _isWriting = false;
        }

        foreach (var call in _unanswered)
        {
            if (failure is null)
                call.Sent();
            else
                call.Fail(failure);
        }

        _unanswered.Clear();
        _callsInBuffer = 0;
        _pieces.Clear();
        _out.Clear();
        if (_out.Capacity > KeptBufferBytes)
        {
            _out.Dispose();
            _out = new MessageBuffer(4 * 1024);
        }

        return failure is null;
    }
}

using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// One socket to one broker. Requests go out in the order in which they come, several at once, and answers come back in that order:
/// another one is a broken connection, and a broken connection ends every request that is on it.
/// </summary>
/// <remarks>
/// Threads: any thread enqueues; whoever finds no writer at work is the writer until the queue is empty; one loop reads. A call
/// whose memory is being sent ends only after the socket has let go of it. Lock order: lane, then connection.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Drain lets go of them, once the socket has.")]
internal sealed partial class KafkaConnection
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly KafkaEnvironment _environment;
    private readonly ApiVersionTable _versions = new();
    private readonly Queue<KafkaCall> _queue = new();
    private readonly Queue<KafkaCall> _pending = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KafkaFailure? _failure;
    private TaskCompletionSource? _idle;
    private bool _isDrained;
    private long _usedAt;
    private int _lastCorrelationId;

    private KafkaConnection(KafkaAddress address, Socket socket, KafkaEnvironment environment)
    {
        Address = address;
        _socket = socket;
        _environment = environment;
        _usedAt = environment.Time.GetTimestamp();
        _sendArgs.Completed += (_, _) => OnSendCompleted();
    }

    public KafkaAddress Address { get; }

    /// <summary>Completes once the connection is closed and every call on it has ended.</summary>
    public Task Closed => _closed.Task;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
                return _failure is null;
        }
    }

    /// <summary>Why it closed.</summary>
    public KafkaFailure? Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }

    /// <summary>Calls that have not ended.</summary>
    public int Load
    {
        get
        {
            lock (_gate)
                return _queue.Count + _pending.Count;
        }
    }

    /// <summary>Takes a call; false if the connection is closed. If true, and <paramref name="mustPump"/>, the caller calls <see cref="Pump"/>.</summary>
    public bool TryEnqueue(KafkaCall call, out bool mustPump)
    {
        lock (_gate)
        {
            mustPump = false;
            if (_failure is not null)
                return false;
            _queue.Enqueue(call);
            if (!_isWriting)
                mustPump = _isWriting = true;
            return true;
        }
    }

    /// <summary>Closes the connection; every call on it fails.</summary>
    public void Close(KafkaFailure why)
    {
        lock (_gate)
        {
            if (_failure is not null)
                return;
            _failure = why;
        }

        _socket.Dispose();
        Drain();
    }

    /// <summary>Completes once no call is on the connection.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            return IsIdle || _failure is not null
                ? Task.CompletedTask
                : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Closes the connection if an answer is overdue, or if it carried nothing for long.</summary>
    public void Check(long now)
    {
        KafkaFailure? why = null;
        lock (_gate)
        {
            if (_failure is not null)
                return;
            foreach (var call in _pending)
            {
                if (call.DeadlineAt <= now)
                    why = new KafkaFailure(ErrorCode.RequestTimedOut, $"The broker at {Address} did not answer in time ({call.ApiKey}).");
            }

            var idleMs = _environment.Time.GetElapsedTime(_usedAt, now).TotalMilliseconds;
            if (IsIdle && idleMs >= _environment.Options.ConnectionIdleMs)
                why = KafkaFailure.Network($"The connection to {Address} was idle.");
        }

        if (why is not null)
            Close(why);
    }

    /// <summary>Whether a batch or a fetch has been without an answer for longer than that, beyond what a fetch may wait on purpose.</summary>
    public bool IsSilent(long now, double longestMs)
    {
        lock (_gate)
        {
            return _failure is null && _pending.TryPeek(out var oldest) && oldest.ApiKey is ApiKey.Produce or ApiKey.Fetch
                && _environment.Time.GetElapsedTime(oldest.StartedAt, now).TotalMilliseconds > longestMs + (oldest.ApiKey == ApiKey.Fetch ? oldest.WaitMs : 0);
        }
    }

    private bool IsIdle => !_isWriting && _queue.Count + _pending.Count == 0;

    // Fails what is left, once the socket has let go of the memory that was being sent.
    private void Drain()
    {
        KafkaCall[] left;
        KafkaFailure why;
        lock (_gate)
        {
            if (_failure is null || _isWriting || _isDrained)
                return;
            _isDrained = true;
            why = _failure;
            left = [.. _pending, .. _queue];
            _pending.Clear();
            _queue.Clear();
            _idle?.TrySetResult();
        }

        foreach (var call in left)
            call.Fail(why);
        _sendArgs.Dispose();
        _out.Dispose();
        _closed.TrySetResult();
    }

    private void NoteIdle()
    {
        _usedAt = _environment.Time.GetTimestamp();
        if (!IsIdle)
            return;
        _idle?.TrySetResult();
        _idle = null;
    }
}

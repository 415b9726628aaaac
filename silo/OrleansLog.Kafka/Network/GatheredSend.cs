using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace OrleansLog.Kafka.Network;

/// <summary>Sends several pieces of memory with one system call, without an allocation for each; one send at a time.</summary>
internal sealed class GatheredSend : SocketAsyncEventArgs, IValueTaskSource<int>
{
    private readonly List<ArraySegment<byte>> _pieces = [];
    private ManualResetValueTaskSourceCore<int> _done = new() { RunContinuationsAsynchronously = false };

    public GatheredSend()
        : base(true)
    {
    }

    /// <summary>Bytes put in so far.</summary>
    public int Bytes { get; private set; }

    /// <summary>Pieces put in so far.</summary>
    public int Pieces => _pieces.Count;

    /// <summary>Adds memory that is of an array, as all pooled memory is.</summary>
    public void Add(ReadOnlyMemory<byte> memory)
    {
        if (!MemoryMarshal.TryGetArray(memory, out var segment))
            segment = new ArraySegment<byte>(memory.ToArray());

        _pieces.Add(segment);
        Bytes += segment.Count;
    }

    /// <summary>Sends what was added; completes with the bytes that went, and the list is empty again.</summary>
    public ValueTask<int> SendAsync(Socket socket)
    {
        BufferList = _pieces;
        _done.Reset();
        return socket.SendAsync(this) ? new ValueTask<int>(this, _done.Version) : Finish();
    }

    public int GetResult(short token)
    {
        try
        {
            return _done.GetResult(token);
        }
        finally
        {
            Clear();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (SocketError == SocketError.Success)
            _done.SetResult(BytesTransferred);
        else
            _done.SetException(new SocketException((int)SocketError));
    }

    private ValueTask<int> Finish()
    {
        var (error, bytes) = (SocketError, BytesTransferred);
        Clear();
        return error == SocketError.Success ? new ValueTask<int>(bytes) : ValueTask.FromException<int>(new SocketException((int)error));
    }

    private void Clear()
    {
        BufferList = null;
        _pieces.Clear();
        Bytes = 0;
    }
}

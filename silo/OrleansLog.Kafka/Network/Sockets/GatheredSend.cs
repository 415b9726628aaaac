using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>Sends several pieces of memory with one system call, without an allocation for each; one send at a time.</summary>
internal sealed class GatheredSend : SocketAsyncEventArgs, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = false };
    private List<ArraySegment<byte>> _pieces = [];
    private int _bytes;

    public GatheredSend()
        : base(true)
    {
    }

    /// <summary>Sends all pieces, and empties the list.</summary>
    public ValueTask SendAsync(Socket socket, List<ArraySegment<byte>> pieces)
    {
        _pieces = pieces;
        _bytes = 0;
        foreach (var piece in pieces)
            _bytes += piece.Count;

        BufferList = pieces;
        _done.Reset();
        if (socket.SendAsync(this))
            return new ValueTask(this, _done.Version);

        var failure = Failure();
        Clear();
        return failure is null ? ValueTask.CompletedTask : ValueTask.FromException(failure);
    }

    public void GetResult(short token)
    {
        try
        {
            _done.GetResult(token);
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
        if (Failure() is { } failure)
            _done.SetException(failure);
        else
            _done.SetResult(true);
    }

    private SocketException? Failure() => SocketError != SocketError.Success ? new SocketException((int)SocketError)
        : BytesTransferred != _bytes ? new SocketException((int)SocketError.ConnectionReset)
        : null;

    private void Clear()
    {
        BufferList = null;
        _pieces.Clear();
    }
}

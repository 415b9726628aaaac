using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>A client that allocates nothing once it is warm, so that whatever the process allocates is the broker's.</summary>
internal sealed class QuietClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer;

    public QuietClient(IPEndPoint endpoint, int largestAnswerBytes)
    {
        _answer = new byte[largestAnswerBytes];
        _socket.Connect(endpoint);
    }

    /// <summary>The last answer without its length; the next one takes its place.</summary>
    public Memory<byte> Answer { get; private set; }

    /// <summary>Sends a request with its length in front, and waits for the answer.</summary>
    public void Ask(ReadOnlySpan<byte> frame)
    {
        while (!frame.IsEmpty)
            frame = frame[_socket.Send(frame)..];

        Fill(sizeof(int));
        var length = BinaryPrimitives.ReadInt32BigEndian(_answer);
        Fill(length);
        Answer = _answer.AsMemory(0, length);
    }

    public void Dispose() => _socket.Dispose();

    private void Fill(int bytes)
    {
        for (var filled = 0; filled < bytes;)
        {
            var received = _socket.Receive(_answer.AsSpan(filled, bytes - filled));
            filled += received > 0 ? received : throw new EndOfStreamException("the broker closed the connection");
        }
    }
}

using System.Net.Sockets;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>A client's socket as .NET's runtime waits for it: everywhere, and on its thread pool unless the process says otherwise.</summary>
internal sealed class RuntimeSocket(Socket socket) : ClientSocket(socket)
{
    private GatheredSend? _gathered;

    public override ValueTask<int> ReceiveAsync(Memory<byte> room) => Socket.ReceiveAsync(room, SocketFlags.None, CancellationToken.None);

    public override async ValueTask SendAsync(List<ArraySegment<byte>> pieces)
    {
        if (pieces.Count > 1)
        {
            await (_gathered ??= new GatheredSend()).SendAsync(Socket, pieces).ConfigureAwait(false);
            return;
        }

        for (ReadOnlyMemory<byte> rest = pieces[0]; !rest.IsEmpty;)
            rest = rest[await Socket.SendAsync(rest, SocketFlags.None, CancellationToken.None).ConfigureAwait(false)..];

        pieces.Clear();
    }

    public override void Dispose()
    {
        Socket.Dispose();
        _gathered?.Dispose();
    }
}

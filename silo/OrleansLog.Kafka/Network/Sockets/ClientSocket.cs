using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>
/// A client's socket: one receive and one send at a time, each from any thread. What follows a wait runs on the thread that learned of its end.
/// </summary>
internal abstract class ClientSocket(Socket socket) : IDisposable
{
    /// <summary>The client's address; null where it was gone before it was asked for.</summary>
    public EndPoint? Remote { get; } = socket.RemoteEndPoint;

    /// <summary>The address that the client reached.</summary>
    public EndPoint? Local { get; } = socket.LocalEndPoint;

    /// <summary>Bytes that have come and were not received.</summary>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public int Available => Socket.Available;

    /// <summary>True when the client has sent its last byte, or the connection was reset, as far as the system tells.</summary>
    public virtual bool HasPeerLeft => PeerEnd.HasCome(Socket);

    /// <summary>The socket itself.</summary>
    protected Socket Socket { get; } = socket;

    /// <summary>Receives what is there, or the next bytes that come.</summary>
    /// <param name="room">Where to; empty to wait without holding memory until there is something to receive, or has been.</param>
    /// <returns>Bytes received; 0 at the end, and where there was no room.</returns>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> room);

    /// <summary>Sends all of it, or fails.</summary>
    /// <param name="pieces">What to send, in this order; they are the socket's until it has, and then the list is empty.</param>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public abstract ValueTask SendAsync(List<ArraySegment<byte>> pieces);

    /// <summary>Ends one direction, or both. Waits for it end.</summary>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public void Shutdown(SocketShutdown how) => Socket.Shutdown(how);

    /// <summary>Closes it; waits fail.</summary>
    public abstract void Dispose();
}

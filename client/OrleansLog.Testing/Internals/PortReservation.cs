using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Testing.Internals;

/// <summary>
/// A port of loopback that stays the broker's own, so that it comes back at the same address after a restart, and so that no other test
/// gets the port between its choice and its use.
/// </summary>
/// <remarks>
/// The socket is bound and never listens. On Linux and macOS the broker's listener can be bound beside it, because .NET sets
/// SO_REUSEADDR, while the system gives the port to nobody who asks for a free one; connecting to it while the broker is down is
/// refused. Windows has no such way: there the first start takes a free port, and a restart asks for it again.
/// </remarks>
internal sealed class PortReservation : IDisposable
{
    private readonly Socket? _socket;

    private PortReservation(Socket? socket, int port) => (_socket, Port) = (socket, port);

    /// <summary>The port; 0 before the first start on Windows.</summary>
    public int Port { get; set; }

    public static PortReservation Take()
    {
        if (OperatingSystem.IsWindows())
            return new PortReservation(null, 0);

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return new PortReservation(socket, ((IPEndPoint)socket.LocalEndPoint!).Port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket?.Dispose();
}

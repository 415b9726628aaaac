using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Client.Tests;

/// <summary>
/// A port on which connections are refused, and which the system gives to nobody, not even to an outgoing connection: bound, but not
/// listened on. A broker that is told to listen on it can, beside the reservation, as often as it is started.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public string Address => $"127.0.0.1:{Number}";

    public void Dispose() => _socket.Dispose();
}

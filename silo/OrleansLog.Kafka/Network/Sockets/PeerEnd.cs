using System.Net.Sockets;

namespace OrleansLog.Kafka.Network;

/// <summary>Whether a client has ended its side of a connection. To read tells only when everything before the end has been read.</summary>
/// <remarks>
/// Linux says in which state the connection is (<c>TCP_INFO</c>, its first byte). Elsewhere nobody is asked, and an end that lies behind a request
/// is seen when the waits before it are over (<c>orleanslog.request.wait.max.ms</c>).
/// </remarks>
internal static class PeerEnd
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte Established = 1;

    /// <summary>True when the client has sent its last byte, or the connection was reset.</summary>
    public static bool HasCome(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return false;

        Span<byte> state = stackalloc byte[1];
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, state) == 1 && state[0] != Established;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}

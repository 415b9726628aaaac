using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Cluster.Tests.Resources;

/// <summary>Connections that only stand there.</summary>
internal sealed class Crowd : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <summary>How many connected, whatever became of them.</summary>
    public int Count => _sockets.Count;

    /// <summary>How many the broker has closed.</summary>
    public int Closed => _sockets.Count(static socket => socket.Poll(0, SelectMode.SelectRead));

    /// <summary>Connects one after the other, until this process itself has no handle left.</summary>
    public static async Task<Crowd> ComeAsync(IPEndPoint broker, int count)
    {
        var crowd = new Crowd();
        try
        {
            while (crowd.Count < count)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                crowd._sockets.Add(socket);
                await socket.ConnectAsync(broker);
            }
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.TooManyOpenSockets)
        {
        }

        return crowd;
    }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());
}

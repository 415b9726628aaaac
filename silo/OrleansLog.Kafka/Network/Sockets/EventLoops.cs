using System.Net.Sockets;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Kafka.Network.Sockets;

/// <summary>
/// The threads that serve a broker's connections (<c>num.network.threads</c>), on Linux; each begins with its first connection. Elsewhere, and where
/// <c>orleanslog.network.event.loops</c> is off, connections wait as the runtime has them wait.
/// </summary>
internal sealed class EventLoops(BrokerConfig config) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly EventLoop?[] _loops = config.NetworkEventLoops && Epoll.IsSupported ? new EventLoop?[config.NetworkThreads] : [];
    private bool _isDisposed;

    /// <summary>How a connection that was accepted is to be used.</summary>
    /// <exception cref="SocketException">It has failed already.</exception>
    /// <exception cref="IOException">The system has no room for another one.</exception>
    /// <exception cref="ObjectDisposedException">The broker has ended.</exception>
    public ClientSocket Open(Socket socket) => _loops.Length == 0 ? new RuntimeSocket(socket) : new LoopSocket(socket, LeastUsed());

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var loop in _loops)
                loop?.Dispose();
        }
    }

    private EventLoop LeastUsed()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var least = 0;
            for (var i = 0; i < _loops.Length; i++)
            {
                if (_loops[i] is not { } loop)
                    return _loops[i] = new EventLoop($"olog-network-{i}");

                if (loop.Count < _loops[least]!.Count)
                    least = i;
            }

            return _loops[least]!;
        }
    }
}

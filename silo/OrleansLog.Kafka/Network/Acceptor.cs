using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Disk;
using OrleansLog.Kafka.Diagnostics;

namespace OrleansLog.Kafka.Network;

/// <summary>One listening socket and its connections.</summary>
internal sealed class Acceptor : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly ListenerServices _services;
    private readonly ConnectionQuotas _quotas;
    private readonly BrokerConfig _config;
    private readonly ConnectionSettings _settings;
    private readonly ConcurrentDictionary<KafkaConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;

    private Acceptor(Socket socket, string name, BrokerConfig config, ListenerServices services, ConnectionQuotas quotas)
    {
        _socket = socket;
        Name = name;
        _config = config;
        _services = services;
        _quotas = quotas;
        _settings = ConnectionSettings.From(config);
    }

    /// <summary>Listener name.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Bound => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Open connections.</summary>
    public int Count => _connections.Count;

    /// <summary>They themselves.</summary>
    public IEnumerable<KafkaConnection> Connections => _connections.Keys;

    /// <summary>Opens the port. Clients may connect from now on; they are served after <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The port cannot be opened.</exception>
    public static Acceptor Bind(IPEndPoint endpoint, string name, BrokerConfig config, ListenerServices services, ConnectionQuotas quotas)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;

            // Accepted sockets take it over; set before listening, it also bounds the window that is offered.
            if (config.SocketReceiveBufferBytes > 0)
                socket.ReceiveBufferSize = config.SocketReceiveBufferBytes;

            socket.Bind(endpoint);
            socket.Listen(config.SocketListenBacklog);
            return new Acceptor(socket, name, config, services, quotas);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts from now on.</summary>
    public void Start() => _accepting = AcceptAsync();

    /// <summary>Accepts nothing more, asks the connections to end, and completes when all have.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);

        // To end a wait is to run what follows it, on this thread: that must hold up neither our caller's clock nor the other connections.
        var asked = _connections.Keys.Select(static connection => Task.Run(connection.BeginStop)).ToArray();
        await Task.WhenAll(asked).ConfigureAwait(false);
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
    }

    /// <summary>Cuts what is left; returns how many.</summary>
    public int AbortAll()
    {
        var cut = 0;
        foreach (var connection in _connections.Keys)
        {
            connection.Abort();
            cut++;
        }

        return cut;
    }

    /// <summary>Cuts connections on which nothing has moved for too long, and ends what clients that are gone wait for.</summary>
    public void Sweep()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.AbortIfIdle();
            connection.EndWaitsIfPeerLeft();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await WaitForRoomAsync().ConfigureAwait(false);
                Serve(await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false));
            }
            catch (Exception error) when (_stopping.IsCancellationRequested && error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (Exception error)
            {
                // Too many open files, or a client that was gone before it was accepted: it goes on, and what is a bug shows where it is.
                if (_services.Complaints.TryPass(out var others))
                    _services.Logger.AcceptFailed(Name, error.Message, others, error is SocketException ? null : error);

                await Task.Delay(RetryDelay, _services.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask WaitForRoomAsync()
    {
        if (_quotas.NextAcceptIn() is var delay && delay > TimeSpan.Zero)
            await Task.Delay(delay, _services.Time, _stopping.Token).ConfigureAwait(false);

        while (_quotas.WhenThereIsRoom() is { } room)
        {
            if (_services.Complaints.TryPass(out _))
                _services.Logger.TooManyConnections(Name, _quotas.Most);

            await room.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    private void Serve(Socket socket)
    {
        var address = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        if (!FileHandles.TryAddConnection(socket.Handle))
        {
            if (_services.Complaints.TryPass(out var held))
                _services.Logger.OutOfHandles(Name, address, FileHandles.Limit, held);

            socket.Dispose();
            return;
        }

        if (!_quotas.TryAdd(address, out var count))
        {
            if (_services.Complaints.TryPass(out var others))
                _services.Logger.TooManyOfAddress(Name, address, count, others);

            socket.Dispose();
            FileHandles.RemoveConnection();
            return;
        }

        var connection = TryOpen(socket);
        if (connection is null)
        {
            Forget(address);
            return;
        }

        // Started under a key of its own, and taken out by itself at its end.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, address, started.Task);
        started.SetResult();
    }

    private KafkaConnection? TryOpen(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            if (_config.SocketSendBufferBytes > 0)
                socket.SendBufferSize = _config.SocketSendBufferBytes;

            return new KafkaConnection(_services.Loops.Open(socket), Name, _settings, _services);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            socket.Dispose();
            return null;
        }
    }

    private async Task ServeAsync(KafkaConnection connection, IPAddress address, Task started)
    {
        await started.ConfigureAwait(false);
        await connection.RunAsync().ConfigureAwait(false);
        _connections.TryRemove(connection, out _);
        Forget(address);
    }

    private void Forget(IPAddress address)
    {
        _quotas.Remove(address);
        FileHandles.RemoveConnection();
    }
}

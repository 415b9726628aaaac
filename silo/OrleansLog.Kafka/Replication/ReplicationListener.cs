using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Network;
using OrleansLog.Kafka.Network.Sockets;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// Where the brokers of a cluster fetch from each other: a port of its own at the silo's address, which clients are not told of, and which serves
/// nobody who has not proven to be a broker of the cluster (D13).
/// </summary>
internal sealed class ReplicationListener : IDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly BrokerConfig _config;
    private readonly BrokerHost _broker;
    private readonly ListenerServices _services;
    private readonly ConnectionQuotas _quotas;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Acceptor? _acceptor;
    private ITimer? _sweep;

    public ReplicationListener(
        BrokerConfig config, BrokerHost broker, MetadataCache metadata, EventLoops loops, RequestMetrics metrics, TrafficGate gate, TimeProvider time,
        ILogger<ReplicationListener> logger)
    {
        _config = config;
        _broker = broker;
        _time = time;
        _logger = logger;
        var apis = new ApiTable([new PeerAuthenticateHandler(metadata, config, time), new ReplicaFetchHandler(broker)]);
        _services = ListenerServices.For(config, apis, loops, metrics, gate, time, logger);
        _quotas = new ConnectionQuotas(() => broker.Config, time);
    }

    /// <summary>Opens the port, and tells the broker to register it.</summary>
    /// <param name="address">The silo's address.</param>
    /// <exception cref="KafkaListenerException">The port cannot be opened.</exception>
    public void Bind(IPAddress address)
    {
        try
        {
            _acceptor = Open(address);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // A silo may be known by an address that is not this machine's own, as behind a mapped port.
            _acceptor = Open(address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any);
        }
        catch (SocketException error)
        {
            throw new KafkaListenerException(
                $"the port for the other brokers, orleanslog.replication.port={_config.ReplicationPort} at {address}, cannot be opened: {error.Message}; 0 takes any that is free", error);
        }

        _broker.ReplicationEndpoint = new BrokerEndpoint(ListenerSetting.ReplicationName, "PLAINTEXT", address.ToString(), _acceptor.Bound.Port);
        _logger.ReplicationListenerBound(_acceptor.Bound);
    }

    private Acceptor Open(IPAddress address) =>
        Acceptor.Bind(new IPEndPoint(address, _config.ReplicationPort), ListenerSetting.ReplicationName, _config, _services, _quotas);

    /// <summary>Serves from now on.</summary>
    public void Start()
    {
        _acceptor?.Start();
        _sweep = _time.CreateTimer(static self => ((ReplicationListener)self!)._acceptor?.Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Answers what is in work and closes; what takes too long is cut.</summary>
    public async Task StopAsync()
    {
        if (_sweep is not null)
            await _sweep.DisposeAsync().ConfigureAwait(false);

        if (_acceptor is not { } acceptor)
            return;

        var ended = acceptor.StopAsync();
        await ended.WaitAsync(StopGrace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ended.IsCompleted)
            acceptor.AbortAll();
    }

    public void Dispose()
    {
        _sweep?.Dispose();
        _acceptor?.Dispose();
    }
}

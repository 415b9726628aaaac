using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Network;
using OrleansLog.Kafka.Network.Sockets;

namespace OrleansLog.Kafka.Listening;

/// <summary>The listeners of one broker: bound before it registers, serving once it takes part, stopped before its logs close.</summary>
internal sealed class KafkaListeners : IDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly BrokerConfig _config;
    private readonly BrokerHost _broker;
    private readonly BoundListeners _bound;
    private readonly ListenerServices _services;
    private readonly ConnectionQuotas _quotas;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly List<(Acceptor Acceptor, ListenerSetting Setting)> _acceptors = [];
    private readonly MemoryRelief _relief;
    private ITimer? _sweep;

    public KafkaListeners(
        BrokerConfig config, BrokerHost broker, BoundListeners bound, ApiTable apis, EventLoops loops, RequestMetrics metrics, TrafficGate gate,
        TimeProvider time, ILogger<KafkaListeners> logger)
    {
        _config = config;
        _broker = broker;
        _bound = bound;
        _logger = logger;
        _time = time;
        _services = ListenerServices.For(config, apis, loops, metrics, gate, time, logger);
        _quotas = new ConnectionQuotas(() => broker.Config, time);
        metrics.Observe(
            () => _acceptors.Select(one => new Measurement<int>(one.Acceptor.Count, new KeyValuePair<string, object?>("listener", one.Acceptor.Name))),
            () => RequestBytes,
            () => RequestsWaiting);
        _relief = new MemoryRelief(_services.Memory, config.RequestPaceMinBytesPerSecond, time);
    }

    /// <summary>Open connections of all listeners.</summary>
    public int Connections => _quotas.Count;

    /// <summary>Bytes of requests in memory, of all connections.</summary>
    public long RequestBytes => _services.Memory.UsedBytes;

    /// <summary>Requests that wait for memory.</summary>
    public int RequestsWaiting => _services.Memory.Waiting;

    /// <summary>Opens the ports and tells the broker what to register. A client that connects now waits until the broker serves.</summary>
    /// <exception cref="KafkaListenerException">A port cannot be opened.</exception>
    public void Bind()
    {
        foreach (var setting in _config.Listeners)
            _acceptors.Add((BindOne(setting), setting));

        _bound.Set([.. _acceptors.Select(one => (Describe(one.Acceptor, one.Setting), one.Setting))]);
        foreach (var endpoint in _bound.Bound)
            _logger.ListenerBound(endpoint.Name, endpoint.Bound, endpoint.AdvertisedHost, endpoint.AdvertisedPort);

        _broker.Endpoints = [.. _bound.Bound.Select(endpoint => new BrokerEndpoint(endpoint.Name, endpoint.Protocol, endpoint.AdvertisedHost, endpoint.AdvertisedPort))];
    }

    /// <summary>Serves from now on.</summary>
    public void Start()
    {
        foreach (var (acceptor, _) in _acceptors)
            acceptor.Start();

        if (_acceptors.Count > 0)
            _sweep = _time.CreateTimer(static self => ((KafkaListeners)self!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Accepts nothing more, answers what is in work, and closes; what takes too long is cut.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_acceptors.Count == 0)
            return;

        if (_sweep is { } sweep)
            await sweep.DisposeAsync().ConfigureAwait(false);

        var connections = Connections;
        var began = _time.GetTimestamp();
        var ended = Task.WhenAll(_acceptors.Select(one => one.Acceptor.StopAsync()));
        await ended.WaitAsync(StopGrace, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var cut = ended.IsCompleted ? 0 : _acceptors.Sum(one => one.Acceptor.AbortAll());
        _logger.ListenersStopped((long)_time.GetElapsedTime(began).TotalMilliseconds, connections, cut);
    }

    public void Dispose()
    {
        _sweep?.Dispose();
        foreach (var (acceptor, _) in _acceptors)
            acceptor.Dispose();
    }

    private void Sweep()
    {
        foreach (var (acceptor, _) in _acceptors)
            acceptor.Sweep();

        _relief.Look(_acceptors.SelectMany(static one => one.Acceptor.Connections));
    }

    private Acceptor BindOne(ListenerSetting setting)
    {
        try
        {
            return Acceptor.Bind(new IPEndPoint(HostAddresses.ToListenOn(setting.Host), setting.Port), setting.Name, _config, _services, _quotas);
        }
        catch (SocketException error)
        {
            var place = $"listeners={setting.Name}://{setting.Host}:{setting.Port}";
            throw new KafkaListenerException(
                error.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse =>
                        $"{place}: port {setting.Port} is in use, perhaps by Kafka or another broker: stop that process, or choose another port with the key listeners (empty switches the listener off)",
                    SocketError.AccessDenied => $"{place}: port {setting.Port} may not be opened by this user: choose one above 1023 with the key listeners",
                    SocketError.AddressNotAvailable => $"{place}: this machine has no address {setting.Host}: the key listeners takes an address of its own, or 0.0.0.0 for all",
                    SocketError.HostNotFound => $"{place}: the name {setting.Host} leads to no address: the key listeners takes an address of this machine, or 0.0.0.0 for all",
                    _ => $"{place} cannot be opened: {error.Message}",
                },
                error);
        }
    }

    private static ListenerEndpoint Describe(Acceptor acceptor, ListenerSetting setting) => new(
        setting.Name,
        setting.Protocol,
        acceptor.Bound,
        setting.AdvertisedHost ?? (setting.IsWildcard ? HostAddresses.OfThisMachine() : setting.Host),
        setting.AdvertisedPort > 0 ? setting.AdvertisedPort : acceptor.Bound.Port);
}

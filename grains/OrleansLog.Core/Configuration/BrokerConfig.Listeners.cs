namespace OrleansLog.Core.Configuration;

public sealed partial class BrokerConfig
{
    /// <summary><c>listeners</c> for clients, with what they are told; empty when the broker has none. Checked when the configuration was read.</summary>
    public IReadOnlyList<ListenerSetting> Listeners => ListenerSettings.Read(this, []);

    /// <summary><c>orleanslog.gateway</c>.</summary>
    public bool IsGateway => Bool("orleanslog.gateway");

    /// <summary><c>socket.send.buffer.bytes</c>; -1 leaves it to the system.</summary>
    public int SocketSendBufferBytes => Int("socket.send.buffer.bytes");

    /// <summary><c>socket.receive.buffer.bytes</c>; -1 leaves it to the system.</summary>
    public int SocketReceiveBufferBytes => Int("socket.receive.buffer.bytes");

    /// <summary><c>socket.request.max.bytes</c>.</summary>
    public int SocketRequestMaxBytes => Int("socket.request.max.bytes");

    /// <summary><c>socket.listen.backlog.size</c>.</summary>
    public int SocketListenBacklog => Int("socket.listen.backlog.size");

    /// <summary><c>max.connections</c>.</summary>
    public int MaxConnections => Int("max.connections");

    /// <summary><c>max.connections.per.ip</c>.</summary>
    public int MaxConnectionsPerIp => Int("max.connections.per.ip");

    /// <summary><c>max.connections.per.ip.overrides</c>: host and number, one after the other; entries that are not of that form are left out.</summary>
    public IReadOnlyDictionary<string, int> MaxConnectionsPerIpOverrides => ReadOverrides(Text("max.connections.per.ip.overrides") ?? "");

    /// <summary><c>max.connection.creation.rate</c>, connections a second.</summary>
    public int MaxConnectionCreationRate => Int("max.connection.creation.rate");

    /// <summary><c>connections.max.idle.ms</c>.</summary>
    public long ConnectionsMaxIdleMs => Long("connections.max.idle.ms");

    /// <summary><c>orleanslog.request.stall.max.ms</c>.</summary>
    public long RequestStallMaxMs => Long("orleanslog.request.stall.max.ms");

    /// <summary><c>orleanslog.request.pace.min.bytes.per.second</c>; 0: off.</summary>
    public long RequestPaceMinBytesPerSecond => Long("orleanslog.request.pace.min.bytes.per.second");

    /// <summary><c>queued.max.requests</c>.</summary>
    public int QueuedMaxRequests => Int("queued.max.requests");

    /// <summary><c>queued.max.request.bytes</c>; -1 leaves it to the broker.</summary>
    public long QueuedMaxRequestBytes => Long("queued.max.request.bytes");

    /// <summary><c>max.request.partition.size.limit</c>: partitions in one answer to DescribeTopicPartitions.</summary>
    public int MaxRequestPartitionSizeLimit => Int("max.request.partition.size.limit");

    /// <summary><c>num.network.threads</c>.</summary>
    public int NetworkThreads => Int("num.network.threads");

    /// <summary><c>num.io.threads</c>.</summary>
    public int IoThreads => Int("num.io.threads");

    /// <summary><c>orleanslog.network.event.loops</c>.</summary>
    public bool NetworkEventLoops => Bool("orleanslog.network.event.loops");

    /// <summary><c>orleanslog.connection.request.max.bytes</c>.</summary>
    public long ConnectionRequestMaxBytes => Long("orleanslog.connection.request.max.bytes");

    internal IReadOnlyList<string> ListenerTexts => Items("listeners");

    internal IReadOnlyList<string> AdvertisedListenerTexts => Items("advertised.listeners");

    internal IReadOnlyList<string> ListenerProtocols => Items("listener.security.protocol.map");

    internal IReadOnlyList<string> ControllerListenerNames => Items("controller.listener.names");

    private static Dictionary<string, int> ReadOverrides(string text)
    {
        var overrides = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = entry.LastIndexOf(':');
            if (colon > 0 && int.TryParse(entry.AsSpan(colon + 1), out var most) && most >= 0)
                overrides[entry[..colon].Trim('[', ']')] = most;
        }

        return overrides;
    }

    private IReadOnlyList<string> Items(string name) => Value(name)?.Items ?? [];
}

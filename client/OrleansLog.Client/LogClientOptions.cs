namespace OrleansLog.Client;

/// <summary>How a program outside the silos reaches the cluster: over the Kafka socket, or over Orleans where <see cref="Gateways"/> is set.</summary>
/// <remarks>Read once, when the client is made; see docs/concepts/sdk.md.</remarks>
public sealed class LogClientOptions
{
    /// <summary>
    /// Brokers to begin with, each <c>host:port</c> or <c>[IPv6]:port</c>; the others are learned from them. Empty stands for
    /// <c>127.0.0.1:9092</c>. Not used inside a silo, nor where <see cref="Gateways"/> is set.
    /// </summary>
    public IList<string> BootstrapServers { get; set; } = [];

    /// <summary>
    /// Orleans gateways, each <c>host:port</c>: the client goes over Orleans instead of the socket. Orleans' ports have no
    /// authentication; they belong on a trusted network.
    /// </summary>
    public IList<string> Gateways { get; set; } = [];

    /// <summary>Name of this program in the brokers' logs, metrics and quotas. Default <c>orleanslog</c>. Socket only.</summary>
    public string ClientId { get; set; } = "orleanslog";

    /// <summary>Orleans' cluster id. Default <c>orleanslog</c>.</summary>
    public string ClusterId { get; set; } = "orleanslog";

    /// <summary>Orleans' service id. Default <c>orleanslog</c>.</summary>
    public string ServiceId { get; set; } = "orleanslog";

    /// <summary>How long to try to connect at start, in milliseconds: default 30,000.</summary>
    public int ConnectTimeoutMs { get; set; } = 30_000;

    /// <summary>Longest wait for the answer to a request, in milliseconds: default 30,000. What a request waits for on purpose comes on top.</summary>
    public int RequestTimeoutMs { get; set; } = 30_000;

    /// <summary>First wait before a broker that refused is tried again, in milliseconds: default 50. It doubles, up to <see cref="ReconnectBackoffMaxMs"/>. Socket only.</summary>
    public int ReconnectBackoffMs { get; set; } = 50;

    /// <summary>Longest wait before a broker that refused is tried again, in milliseconds: default 1,000. Socket only.</summary>
    public int ReconnectBackoffMaxMs { get; set; } = 1_000;

    /// <summary>
    /// Most connections to one broker for requests that may wait there, such as reads of idle partitions: 1 to 1,024, default 16.
    /// Two more carry batches and short requests. Socket only.
    /// </summary>
    public int ConnectionsPerBrokerMax { get; set; } = 16;

    /// <summary>After how long a connection that carries nothing is closed, in milliseconds: default 540,000, less than brokers wait. Socket only.</summary>
    public int ConnectionIdleMs { get; set; } = 540_000;

    /// <summary>Largest answer that is taken in, in bytes: default 256 MiB; guards against a peer that is no broker. Socket only.</summary>
    public int ReceiveMaxBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Most bytes of received memory that are kept for use again: default 64 MiB. Socket only.</summary>
    public long IdleReceiveBytes { get; set; } = 64L * 1024 * 1024;

    internal LogClientOptions Snapshot()
    {
        var copy = (LogClientOptions)MemberwiseClone();
        copy.BootstrapServers = [.. BootstrapServers];
        copy.Gateways = [.. Gateways];
        copy.Validate();
        return copy;
    }

    private void Validate()
    {
        OptionCheck.Range(nameof(ConnectTimeoutMs), ConnectTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(RequestTimeoutMs), RequestTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(ReconnectBackoffMs), ReconnectBackoffMs, 0, 3_600_000);
        OptionCheck.Range(nameof(ReconnectBackoffMaxMs), ReconnectBackoffMaxMs, ReconnectBackoffMs, 3_600_000);
        OptionCheck.Range(nameof(ConnectionsPerBrokerMax), ConnectionsPerBrokerMax, 1, 1_024);
        OptionCheck.Range(nameof(ConnectionIdleMs), ConnectionIdleMs, 1_000, int.MaxValue);
        OptionCheck.Range(nameof(ReceiveMaxBytes), ReceiveMaxBytes, 64 * 1024, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(IdleReceiveBytes), IdleReceiveBytes, 0, long.MaxValue);
        if (ClientId is null || ClientId.Length > short.MaxValue / 3)
            throw new ArgumentException($"{nameof(ClientId)} is missing or longer than {short.MaxValue / 3} characters.");
    }
}

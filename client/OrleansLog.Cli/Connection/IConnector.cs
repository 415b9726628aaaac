using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Connects to a cluster; tests connect to a broker of their own process.</summary>
internal interface IConnector
{
    Task<ILogClient> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken);
}

/// <summary>Where and how to connect.</summary>
/// <param name="BootstrapServers">Brokers, each <c>host:port</c>; empty where <paramref name="Gateways"/> are named.</param>
/// <param name="Gateways">Orleans gateways, each <c>host:port</c>; empty over Kafka's protocol.</param>
/// <param name="ClusterId">Orleans' cluster id.</param>
/// <param name="ServiceId">Orleans' service id.</param>
/// <param name="ConnectTimeout">How long to try.</param>
/// <param name="RequestTimeout">How long to wait for an answer.</param>
/// <param name="Notes">Where the client tells what it waits for without an end; null for nowhere.</param>
internal sealed record ConnectionSettings(
    IReadOnlyList<string> BootstrapServers, IReadOnlyList<string> Gateways, string ClusterId, string ServiceId, TimeSpan ConnectTimeout, TimeSpan RequestTimeout,
    TextWriter? Notes = null);

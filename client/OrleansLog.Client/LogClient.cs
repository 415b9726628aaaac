using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansLog.Client;

/// <summary>Connects programs that have no dependency injection of their own; the others use <c>services.AddOrleansLogClient()</c>.</summary>
/// <example>
/// <code>
/// await using var log = await LogClient.ConnectAsync("127.0.0.1:9092");
/// </code>
/// </example>
public static class LogClient
{
    /// <summary>Connects over the Kafka socket, and keeps trying for <see cref="LogClientOptions.ConnectTimeoutMs"/>.</summary>
    /// <param name="bootstrapServers">Brokers to begin with, comma-separated <c>host:port</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">An address is not <c>host:port</c>.</exception>
    /// <exception cref="LogException">No broker answered in time, or what answers is none.</exception>
    public static Task<ILogClient> ConnectAsync(string bootstrapServers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bootstrapServers);
        return ConnectAsync(new LogClientOptions { BootstrapServers = [bootstrapServers] }, cancellationToken);
    }

    /// <summary>
    /// Connects over the Kafka socket, or over Orleans where <see cref="LogClientOptions.Gateways"/> is set, and keeps trying for
    /// <see cref="LogClientOptions.ConnectTimeoutMs"/>.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range, or an address is not <c>host:port</c>.</exception>
    /// <exception cref="LogException">Nobody answered in time, or what answers is no broker.</exception>
    public static Task<ILogClient> ConnectAsync(LogClientOptions options, CancellationToken cancellationToken = default) =>
        ConnectAsync(options, null, cancellationToken);

    /// <summary>The same, with somebody who reads what the client has to say.</summary>
    /// <param name="options">Where and how to connect.</param>
    /// <param name="logger">Where the client reports what nobody else can be told; null drops it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or an address is not <c>host:port</c>.</exception>
    /// <exception cref="LogException">Nobody answered in time, or what answers is no broker.</exception>
    public static async Task<ILogClient> ConnectAsync(LogClientOptions options, ILogger? logger, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Gateways.Count > 0
            ? await OverOrleansAsync(options, logger, cancellationToken).ConfigureAwait(false)
            : await OverKafkaAsync(options, logger, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A client over transports of one's own: what a test, or a silo, uses.</summary>
    /// <param name="transport">How data is reached.</param>
    /// <param name="adminTransport">How administration is reached.</param>
    /// <param name="time">The clock; null takes the system's.</param>
    /// <param name="logger">Where the client reports what nobody else can be told; null drops it.</param>
    /// <param name="groupTransport">How the coordinators of groups are reached; null makes a client without groups.</param>
    public static ILogClient Create(
        ILogTransport transport, IAdminTransport adminTransport, TimeProvider? time = null, ILogger? logger = null,
        IGroupTransport? groupTransport = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(adminTransport);
        return Create(transport, adminTransport, groupTransport, time ?? TimeProvider.System, logger, null);
    }

    internal static ILogClient Create(
        ILogTransport transport, IAdminTransport adminTransport, IGroupTransport? groupTransport, TimeProvider time, ILogger? logger,
        IAsyncDisposable? connection) =>
        new LogClientCore(new ClientContext(transport, adminTransport, groupTransport, time, new ClientLog(logger ?? NullLogger.Instance)), connection);

    /// <summary>A client that connects when it is first used.</summary>
    internal static ILogClient OverKafka(LogClientOptions options, TimeProvider time, ILogger? logger)
    {
        var transport = new KafkaTransport(options, time, new ClientLog(logger ?? NullLogger.Instance));
        return Create(transport, transport, transport, time, logger, transport);
    }

    // Methods of their own, so that a program that uses one form does not load the assemblies of the other.
    private static async Task<ILogClient> OverOrleansAsync(LogClientOptions options, ILogger? logger, CancellationToken cancellationToken)
    {
        var services = await OrleansConnection.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        var transport = new OrleansTransport(services.GetRequiredService<IClusterClient>());
        return Create(transport, transport, transport, TimeProvider.System, logger, services);
    }

    private static async Task<ILogClient> OverKafkaAsync(LogClientOptions options, ILogger? logger, CancellationToken cancellationToken)
    {
        var transport = new KafkaTransport(options, TimeProvider.System, new ClientLog(logger ?? NullLogger.Instance));
        try
        {
            await transport.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return Create(transport, transport, transport, TimeProvider.System, logger, transport);
        }
        catch
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

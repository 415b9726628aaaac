using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansLog.Client;

/// <summary>Sets up an Orleans client for the options of ours.</summary>
internal static class OrleansConnection
{
    public const string DefaultGateway = "127.0.0.1:30000";

    private static readonly TimeSpan ManifestRefresh = TimeSpan.FromSeconds(1);

    public static void AddTo(IServiceCollection services, LogClientOptions options)
    {
        OptionCheck.Range(nameof(options.ConnectTimeoutMs), options.ConnectTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(options.RequestTimeoutMs), options.RequestTimeoutMs, 1, int.MaxValue);
        var gateways = Parse(options.Gateways);
        services.AddOrleansClient(client =>
        {
            client.UseStaticClustering(gateways);
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId;
                cluster.ServiceId = options.ServiceId;
            });
            client.Configure<ClientMessagingOptions>(messaging =>
                messaging.ResponseTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs));
            client.Configure<TypeManagementOptions>(types => types.TypeMapRefreshInterval = ManifestRefresh);
            client.UseConnectionRetryFilter(new RetryFor(options.ConnectTimeoutMs));
        });
    }

    /// <summary>Connects with services of its own.</summary>
    public static async Task<ServiceProvider> ConnectAsync(LogClientOptions options, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        AddTo(services, options);
        var provider = services.BuildServiceProvider();
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.ConnectTimeoutMs);
            foreach (var hosted in provider.GetServices<IHostedService>())
                await hosted.StartAsync(timeout.Token).ConfigureAwait(false);

            // The gateway of a silo listens a moment before the silo is part of the cluster.
            var grains = provider.GetRequiredService<IClusterClient>();
            while (OrleansTransport.TryFindGateway(grains) is null)
                await Task.Delay(50, timeout.Token).ConfigureAwait(false);
            return provider;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            await provider.DisposeAsync().ConfigureAwait(false);
            var tried = options.Gateways.Count == 0 ? DefaultGateway : string.Join(", ", options.Gateways);
            throw new LogException(
                ErrorCode.NetworkException,
                $"No OrleansLog silo answers at {tried} (tried for {options.ConnectTimeoutMs} ms): is one running, and is that its gateway port?",
                error);
        }
        catch
        {
            await provider.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public static IPEndPoint[] Parse(IList<string> gateways)
    {
        IEnumerable<string> texts = gateways.Count == 0 ? [DefaultGateway] : gateways;
        return [.. texts.SelectMany(Resolve)];
    }

    private static IEnumerable<IPEndPoint> Resolve(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new ArgumentException($"'{text}' is not a gateway; write host:port, such as {DefaultGateway}.");
        var host = text[..colon].Trim('[', ']');
        if (IPAddress.TryParse(host, out var address))
            return [new IPEndPoint(address, port)];
        try
        {
            return Dns.GetHostAddresses(host).Select(found => new IPEndPoint(found, port));
        }
        catch (System.Net.Sockets.SocketException error)
        {
            throw new ArgumentException($"The gateway '{text}' has a host name that cannot be resolved: {error.Message}", error);
        }
    }

    private sealed class RetryFor(int timeoutMs) : IClientConnectionRetryFilter
    {
        private readonly long _started = Environment.TickCount64;

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            if (Environment.TickCount64 - _started >= timeoutMs)
                return false;
            await Task.Delay(200, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }
}

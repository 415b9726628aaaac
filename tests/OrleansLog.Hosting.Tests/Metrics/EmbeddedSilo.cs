using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansLog.TestKit;

namespace OrleansLog.Hosting.Tests.Metrics;

/// <summary>A silo that is a broker, in the test's process.</summary>
internal sealed class EmbeddedSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private EmbeddedSilo(IHost host) => _host = host;

    public static async Task<EmbeddedSilo> StartAsync(string directory)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        var ports = FreePorts.Take(2);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1]).AddOrleansLog(log =>
        {
            log.DataDirectories.Add(directory);
            log.Set("listeners", "PLAINTEXT://127.0.0.1:0");
        }));
        var host = builder.Build();
        await host.StartAsync();
        return new EmbeddedSilo(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

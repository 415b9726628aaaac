using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>A real silo that is a broker, in this process, with a client inside and one outside.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private readonly TempDirectory _data = new("client");
    private IHost? _silo;

    public ILogClient Direct { get; private set; } = null!;

    public ILogClient OverOrleans { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var ports = FreePorts.Take(2);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(ports[0], ports[1], serviceId: "orleanslog", clusterId: "orleanslog")
            .AddOrleansLog(log => log.Set("log.dirs", _data.Path).Set("orleanslog.flush.policy", "os").Set("listeners", "PLAINTEXT://127.0.0.1:0")));
        builder.Services.AddOrleansLogClient();
        _silo = builder.Build();
        await _silo.StartAsync();
        Direct = _silo.Services.GetRequiredService<ILogClient>();
        OverOrleans = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [$"127.0.0.1:{ports[1]}"] });
    }

    public async Task DisposeAsync()
    {
        await OverOrleans.DisposeAsync();
        if (_silo is not null)
        {
            await _silo.StopAsync();
            _silo.Dispose();
        }

        _data.Dispose();
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansLog.Kafka;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>How a client reaches its broker.</summary>
public enum Form
{
    Direct,
    Orleans,
    Kafka,
}

/// <summary>A real silo that is a broker, in this process, with a client inside and two outside.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private readonly TempDirectory _data = new("client");
    private IHost? _silo;

    public ILogClient Direct { get; private set; } = null!;

    public ILogClient OverOrleans { get; private set; } = null!;

    public ILogClient OverKafka { get; private set; } = null!;

    /// <summary>Where its Kafka listener is.</summary>
    public string Address { get; private set; } = null!;

    public ILogClient Client(Form form) => form switch
    {
        Form.Direct => Direct,
        Form.Orleans => OverOrleans,
        _ => OverKafka,
    };

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
        Address = _silo.Services.GetRequiredService<IKafkaListeners>().Bound[0].Bound.ToString();
        OverKafka = await LogClient.ConnectAsync(Address);
    }

    public async Task DisposeAsync()
    {
        await OverKafka.DisposeAsync();
        await OverOrleans.DisposeAsync();
        if (_silo is not null)
        {
            await _silo.StopAsync();
            _silo.Dispose();
        }

        _data.Dispose();
    }
}

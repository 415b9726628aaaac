using Microsoft.Extensions.DependencyInjection;
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
    private TestSilo? _silo;

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
        _silo = await TestSilo.StartAsync(_data.Path);
        Direct = _silo.Services.GetRequiredService<ILogClient>();
        OverOrleans = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [$"127.0.0.1:{_silo.GatewayPort}"] });
        Address = _silo.Address;
        OverKafka = await LogClient.ConnectAsync(Address);
    }

    public async Task DisposeAsync()
    {
        await OverKafka.DisposeAsync();
        await OverOrleans.DisposeAsync();
        if (_silo is not null)
            await _silo.DisposeAsync();
        _data.Dispose();
    }
}

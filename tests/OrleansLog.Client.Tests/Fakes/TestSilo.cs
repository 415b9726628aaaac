using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansLog.Kafka;

namespace OrleansLog.Client.Tests;

/// <summary>A real silo that is a broker, in this process. The same folder and port again is the same broker, started again.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ReservedPort _siloPort;
    private readonly ReservedPort _gatewayPort;

    private TestSilo(IHost host, ReservedPort siloPort, ReservedPort gatewayPort) => (_host, _siloPort, _gatewayPort) = (host, siloPort, gatewayPort);

    public int GatewayPort => _gatewayPort.Number;

    public IServiceProvider Services => _host.Services;

    /// <summary>Where its Kafka listener is.</summary>
    public string Address => Services.GetRequiredService<IKafkaListeners>().Bound[0].Bound.ToString();

    public static async Task<TestSilo> StartAsync(string directory, int kafkaPort = 0, ILoggerProvider? log = null)
    {
        var (siloPort, gatewayPort) = (new ReservedPort(), new ReservedPort());
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (log is not null)
            builder.Logging.AddProvider(log);

        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort.Number, gatewayPort.Number, serviceId: "orleanslog", clusterId: "orleanslog")
            .AddOrleansLog(broker => broker
                .Set("log.dirs", directory)
                .Set("orleanslog.flush.policy", "os")
                .Set("listeners", $"PLAINTEXT://127.0.0.1:{kafkaPort}")
                .Set("broker.session.timeout.ms", "60000") // nobody is to be fenced because the machine is busy
                .Set("log.initial.task.delay.ms", "3600000") // nor are records of years ago to go while a test reads them
                .Set("group.min.session.timeout.ms", "500")
                .Set("group.initial.rebalance.delay.ms", "0")));
        builder.Services.AddOrleansLogClient();
        var host = builder.Build();
        await host.StartAsync();
        return new TestSilo(host, siloPort, gatewayPort);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _siloPort.Dispose();
        _gatewayPort.Dispose();
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Silo;

/// <summary>A silo in the test's process with a broker in it, metadata in SQLite, everything under a directory of its own.</summary>
public sealed class OneSilo : IAsyncLifetime
{
    public const int BrokerId = 3;

    /// <summary>Partitions of <c>__consumer_offsets</c>: each has files, and no test needs many.</summary>
    public const int OffsetsPartitions = 4;

    private readonly TempDirectory _directory = new("silo");
    private IHost _host = null!;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public MetadataCache Metadata => _host.Services.GetRequiredService<MetadataCache>();

    public ILogTransport Transport => _host.Services.GetRequiredService<ILogTransport>();

    public IAdminTransport Admin => _host.Services.GetRequiredService<IAdminTransport>();

    public IGroupTransport Groups => _host.Services.GetRequiredService<IGroupTransport>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var ports = FreePorts.Take(2);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(ports[0], ports[1])
            .AddOrleansLog(log =>
            {
                log.NodeId = BrokerId;
                log.DataDirectories.Add(_directory.Path);
                log.Set("listeners", "PLAINTEXT://127.0.0.1:0");
                log.Set("broker.session.timeout.ms", "60000"); // nobody is to be fenced because the machine is busy
                log.Set("log.initial.task.delay.ms", "3600000"); // nor are records of years ago to go while a test reads them
                log.Set("offsets.topic.num.partitions", $"{OffsetsPartitions}");
                log.Set("group.initial.rebalance.delay.ms", "0");
            }));
        _host = builder.Build();
        await _host.StartAsync();

        // The controller lets the broker lead a moment after the silo is up.
        await _host.Services.GetRequiredService<BrokerHost>().Ready.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _directory.Dispose();
    }

    /// <summary>Creates a topic.</summary>
    public async Task CreateTopicAsync(string name, int partitions = 1)
    {
        var created = await Admin.CreateTopicsAsync([new NewTopic { Name = name, Partitions = partitions }], validateOnly: false, default);
        Assert.True(created.Results[0].Error == ErrorCode.None, created.Results[0].Message);
    }
}

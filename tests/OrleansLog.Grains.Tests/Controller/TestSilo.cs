using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Controller;

/// <summary>A real silo with real sockets and a real metadata database, and nothing of a broker but its session.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, IPEndPoint endpoint)
    {
        _host = host;
        Endpoint = endpoint;
    }

    public IPEndPoint Endpoint { get; }

    public MetadataCache Cache => _host.Services.GetRequiredService<MetadataCache>();

    public BrokerSession Session => _host.Services.GetRequiredService<BrokerSession>();

    public IControllerGrain Controller => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IControllerGrain>(Cache.Current.ControllerSilo);

    public IGrainStorage Storage => _host.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorageMetadataLog.StorageName);

    public static async Task<TestSilo> StartAsync(
        string databasePath, int nodeId = 1, Guid? directory = null, IPEndPoint? primary = null, Func<IMetadataLog, IMetadataLog>? wrapLog = null)
    {
        var ports = FreePorts.Take(2);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports[0], ports[1], primary);
            silo.AddOrleansLogSqliteMetadata(databasePath);
            silo.Services.AddSerializer(serializer => serializer.AddAssembly(typeof(IControllerGrain).Assembly).AddAssembly(typeof(BrokerSession).Assembly));
            silo.Services.AddSingleton(BrokerConfig.Parse(new Dictionary<string, string> { ["node.id"] = $"{nodeId}" }).Value);
            silo.Services.AddSingleton<IBrokerSessionHost>(new SessionHost(nodeId, directory ?? new Guid(nodeId, 0, 0, new byte[8])));
            silo.Services.AddOrleansLogController();
            if (wrapLog is not null)
            {
                silo.Services.AddTransient(provider =>
                    wrapLog(new GrainStorageMetadataLog(provider.GetRequiredKeyedService<IGrainStorage>(GrainStorageMetadataLog.StorageName))));
            }
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestSilo(host, new IPEndPoint(IPAddress.Loopback, ports[0]));
    }

    /// <summary>Waits until the applied metadata is so.</summary>
    public async Task<MetadataImage> UntilAsync(Func<MetadataImage, bool> condition)
    {
        var reached = new TaskCompletionSource<MetadataImage>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(MetadataImage image)
        {
            if (condition(image))
            {
                reached.TrySetResult(image);
            }
        }

        void OnChanged(MetadataDelta delta) => Check(delta.Current);
        Cache.Changed += OnChanged;
        Check(Cache.Current);
        var image = await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Cache.Changed -= OnChanged;
        return image;
    }

    public async Task<TopicResult> CreateTopicAsync(string name, int partitions)
    {
        while (true)
        {
            var results = await Controller.CreateTopicsAsync([new NewTopic { Name = name, Partitions = partitions, ReplicationFactor = 1 }], validateOnly: false);
            if (results.Results[0].Error != ErrorCode.NotController)
            {
                await Cache.WaitForVersionAsync(results.Version);
                return results.Results[0];
            }
        }
    }

    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _host.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        _host.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class SessionHost(int nodeId, Guid directory) : IBrokerSessionHost
    {
        public ValueTask<BrokerRegistration> DescribeBrokerAsync(CancellationToken cancellationToken) => new(new BrokerRegistration
        {
            NodeId = nodeId,
            IncarnationId = Guid.Empty,
            SiloAddress = "",
            DirectoryIds = [directory],
        });

        public ValueTask OnRegisteredAsync(BrokerRegistrationResult registration, CancellationToken cancellationToken) => default;
    }
}

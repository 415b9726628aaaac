using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansLog.Grains;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests;

/// <summary>A broker in the test's process with a Kafka listener on a free port of loopback; its directory goes with it.</summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>These tests run twice, in two projects: over the broker's own event loops, and over the runtime's sockets.</summary>
    public static bool UsesEventLoops =>
#if RUNTIME_SOCKETS
        false;
#else
        true;
#endif

    private readonly TempDirectory _directory = new("kafka");
    private readonly IHost _host;

    private KafkaBroker(IReadOnlyDictionary<string, string> settings, ILoggerProvider? log, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);

        var ports = FreePorts.Take(2);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1]).AddOrleansLog(log =>
        {
            log.DataDirectories.Add(_directory.Path);
            log.Set("listeners", "PLAINTEXT://127.0.0.1:0");
            log.Set("broker.session.timeout.ms", "60000"); // nobody is to be fenced because the machine is busy
            log.Set("log.initial.task.delay.ms", "3600000"); // nor are records of years ago to go while a test reads them
            log.Set("orleanslog.network.event.loops", UsesEventLoops ? "true" : "false");
            foreach (var (key, value) in settings)
                log.Set(key, value);
        }));
        services?.Invoke(builder.Services);
        _host = builder.Build();
    }

    public IServiceProvider Services => _host.Services;

    public IPEndPoint Endpoint => Services.GetRequiredService<IKafkaListeners>().Bound[0].Bound;

    public IAdminTransport Admin => Services.GetRequiredService<IAdminTransport>();

    public ILogTransport Transport => Services.GetRequiredService<ILogTransport>();

    public static Task<KafkaBroker> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, settings);

    /// <summary>The same with somebody who reads the broker's log.</summary>
    public static Task<KafkaBroker> StartAsync(ILoggerProvider? log, params (string Key, string Value)[] settings) => StartAsync(log, null, settings);

    /// <summary>The same with more in its container.</summary>
    public static async Task<KafkaBroker> StartAsync(ILoggerProvider? log, Action<IServiceCollection>? services, params (string Key, string Value)[] settings)
    {
        var broker = new KafkaBroker(settings.ToDictionary(setting => setting.Key, setting => setting.Value), log, services);
        await broker._host.StartAsync();

        // The controller lets the broker lead a moment after the silo is up.
        await broker.Services.GetRequiredService<BrokerHost>().Ready.WaitAsync(Patience);
        return broker;
    }

    public Task<KafkaClient> ConnectAsync() => KafkaClient.ConnectAsync(Endpoint);

    /// <summary>A socket that may say anything.</summary>
    public Task<RawClient> ConnectRawAsync() => RawClient.ConnectAsync(Endpoint);

    public async Task CreateTopicAsync(string name, int partitions = 1, params (string Key, string Value)[] configs)
    {
        var created = await Admin.CreateTopicsAsync(
            [new NewTopic { Name = name, Partitions = partitions, Configs = configs.ToDictionary(config => config.Key, config => config.Value) }],
            validateOnly: false, default);
        Assert.True(created.Results[0].Error is ErrorCode.None, created.Results[0].Message);
    }

    /// <summary>Completes when a fetch waits for records in the broker.</summary>
    public Task FetchWaitsAsync() => UntilAsync(() => Services.GetRequiredService<BrokerHost>().Local.FetchesWaiting > 0);

    /// <summary>Completes when the broker has come to what the test waits for.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await pace.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Stops the silo; disposing it afterwards is still needed.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Name of a topic, or null.</summary>
    public string? NameOf(Guid topicId) => Services.GetRequiredService<MetadataCache>().Current.FindTopic(topicId)?.Name;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _directory.Dispose();
    }
}

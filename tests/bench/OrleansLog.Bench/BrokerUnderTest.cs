using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansLog.Client;
using OrleansLog.Kafka;

namespace OrleansLog.Bench;

/// <summary>A whole broker in this process, with data in a temporary directory and deleted files gone at once.</summary>
internal sealed class BrokerUnderTest : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _directory;
    private int _topics;

    private BrokerUnderTest(IHost host, string directory)
    {
        _host = host;
        _directory = directory;
    }

    /// <summary>Where its listener is.</summary>
    public string KafkaAddress => _host.Services.GetRequiredService<IKafkaListeners>().Bound[0].Bound.ToString();

    public ILogTransport Transport => _host.Services.GetRequiredService<ILogTransport>();

    public ILogClient Client => _host.Services.GetRequiredService<ILogClient>();

    public static async Task<BrokerUnderTest> StartAsync()
    {
        var directory = Path.Combine(Path.GetTempPath(), "olog-bench-" + Guid.NewGuid().ToString("N"));
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(Ports.Take(), Ports.Take())
            .AddOrleansLog(log =>
            {
                log.DataDirectories.Add(directory);
                log.Set("log.segment.delete.delay.ms", "0").Set("message.max.bytes", "2097152").Set("listeners", "PLAINTEXT://127.0.0.1:0");
            }));
        builder.Services.AddOrleansLogClient();
        var host = builder.Build();
        await host.StartAsync();
        return new BrokerUnderTest(host, directory);
    }

    /// <summary>The first segment's file.</summary>
    public string FirstSegment(string topic, int partition) =>
        Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}"), new string('0', 20) + ".log");

    /// <summary>Runs something against a fresh topic, and deletes it afterwards so that its pages are used again.</summary>
    public async Task<double> WithTopicAsync(int partitions, string flushPolicy, Func<string, Task<double>> run)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench-{_topics++}");
        await Client.Admin.CreateTopicAsync(name, partitions, 1, new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = flushPolicy,
            ["file.delete.delay.ms"] = "0",
        });
        try
        {
            return await run(name);
        }
        finally
        {
            await Client.Admin.DeleteTopicAsync(name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

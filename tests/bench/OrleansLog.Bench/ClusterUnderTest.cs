using System.Diagnostics;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Bench;

/// <summary>Three published silos on PostgreSQL, brokers 1 to 3.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private readonly string _published;
    private readonly PostgresServer _database;
    private readonly Dictionary<int, SiloProcess> _silos = [];

    private readonly bool _isBrisk;

    private ClusterUnderTest(string published, PostgresServer database, bool isBrisk) => (_published, _database, _isBrisk) = (published, database, isBrisk);

    public ILogClient Client { get; private set; } = null!;

    /// <summary>Stopwatch timestamp of the start of its silos.</summary>
    public long StartedAt { get; private set; }

    public IEnumerable<int> ProcessIds => _silos.Values.Select(silo => silo.ProcessId);

    /// <summary>CPU of all brokers that run, in seconds.</summary>
    public double CpuSeconds => ProcessIds.Sum(ProcessCpu.Seconds);

    /// <summary>Where a Kafka client reaches one of them.</summary>
    public string KafkaAddress => _silos[1].KafkaAddress;

    /// <param name="published">The published silo.</param>
    /// <param name="isBrisk">Whether files are deleted and leaders moved back at once, for rows that wait for it; otherwise as often as by default.</param>
    public static async Task<ClusterUnderTest> StartAsync(string published, bool isBrisk = true)
    {
        var cluster = new ClusterUnderTest(published, await PostgresServer.StartNewAsync(), isBrisk);
        try
        {
            cluster.StartedAt = Stopwatch.GetTimestamp();
            foreach (var id in new[] { 1, 2, 3 })
                cluster._silos[id] = SiloProcess.StartOurs(published, cluster.SettingsOf(id));
            foreach (var silo in cluster._silos.Values)
                await silo.WaitForGatewayAsync();
            cluster.Client = await LogClient.ConnectAsync(new LogClientOptions { BootstrapServers = [.. cluster._silos.Values.Select(silo => silo.KafkaAddress)] });
            await UntilAsync(async () => (await cluster.Client.Admin.DescribeClusterAsync()).Brokers.Count(broker => !broker.IsFenced) == 3);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when something holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
            await Task.Delay(20, limit.Token);
    }

    /// <summary>A topic whose pages are used again.</summary>
    public Task CreateTopicAsync(string topic, int partitions, short replicationFactor) =>
        Client.Admin.CreateTopicAsync(topic, partitions, replicationFactor, new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = "os",
            ["min.insync.replicas"] = replicationFactor == 1 ? "1" : "2",
            ["segment.bytes"] = References.RingFile.SegmentBytes.ToString(CultureInfo.InvariantCulture),
            ["file.delete.delay.ms"] = "0",
        });

    public Task KillAsync(int id) => _silos[id].KillAsync();

    public void Signal(int id, int signal) => Signals.Send(_silos[id].ProcessId, signal);

    /// <summary>Completes when a broker that was told to has ended.</summary>
    public Task ExitedAsync(int id) => _silos[id].ExitedAsync();

    /// <summary>Starts a broker that has ended, with its data; completes when its port is open.</summary>
    public async Task BeginAgainAsync(int id)
    {
        var ended = _silos[id];
        _silos[id] = ended.StartOver(_published, SettingsOf(id));
        await ended.DisposeAsync();
        await _silos[id].WaitForGatewayAsync();
    }

    /// <summary>Completes when the controller has let a broker lead.</summary>
    public Task UnfencedAsync(int id) => UntilAsync(async () => (await Client.Admin.DescribeClusterAsync()).Brokers.Any(broker => broker.Id == id && !broker.IsFenced));

    /// <summary>Completes when every replica of a topic is in sync.</summary>
    public Task WholeAsync(string topic) => UntilAsync(async () => (await Client.Admin.DescribeTopicAsync(topic)).Partitions.All(static partition => partition.Isr.Length == 3));

    /// <summary>Completes when every replica of every topic is in sync.</summary>
    public Task WholeAsync() => UntilAsync(async () => (await Client.Admin.ListTopicsAsync()).All(static topic => topic.Partitions.All(static partition => partition.Isr.Length == 3)));

    /// <summary>Starts a broker that has ended, with its data; completes when the topic is whole again, and each broker leads its share.</summary>
    public async Task StartAgainAsync(int id, string topic)
    {
        await BeginAgainAsync(id);
        await UntilAsync(async () => (await Client.Admin.DescribeTopicAsync(topic)).Partitions.All(partition => partition.Isr.Length == 3 && partition.LeaderId == partition.Replicas[0]));
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        foreach (var silo in _silos.Values)
            await silo.DisposeAsync();
        await _database.DisposeAsync();
    }

    private string[] SettingsOf(int id) =>
    [
        $"node.id={id.ToString(CultureInfo.InvariantCulture)}", $"orleanslog.metadata.connection={_database.ConnectionString}", "message.max.bytes=8388608",
        "offsets.topic.replication.factor=3",
        .. _isBrisk ? new[] { "log.retention.check.interval.ms=200", "leader.imbalance.check.interval.seconds=1" } : [],
    ];
}

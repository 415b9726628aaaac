using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>One broker that is killed again and again, its producers and its groups.</summary>
internal sealed class GroupRun : IAsyncDisposable
{
    private readonly GroupWorkload _workload;
    private readonly SiloLaunch _launch;
    private readonly GroupClients _clients;
    private SiloProcess? _silo;

    public GroupRun(TempDirectory place, GroupWorkload workload, int seed, IReadOnlyDictionary<string, string> settings)
    {
        _workload = workload;
        _launch = new(place.Combine("data")) { Settings = settings };
        _clients = new GroupClients(_launch.BootstrapServers, workload, seed, () => _silo?.Output ?? "");
    }

    /// <summary>What was done, in order, and what the clients said.</summary>
    public string Story => _clients.Story;

    public async Task BeginAsync(params GroupKind[] groups)
    {
        _silo = await SiloProcess.StartAsync(_launch);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _launch.BootstrapServers }).Build())
        {
            await admin.CreateTopicsAsync(_workload.Topics.Select(topic => new TopicSpecification
            {
                Name = topic.Key,
                NumPartitions = topic.Value,
                Configs = new Dictionary<string, string> { ["segment.bytes"] = "1048576" },
            }));
        }

        await _clients.BeginAsync(groups.Select(kind => (kind.ToString().ToLowerInvariant(), kind)));
    }

    /// <summary>Two changes of membership in each group, with records between them.</summary>
    public async Task DisturbAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            _clients.Disturb();
            await _clients.ProducedAsync(_clients.Random.Next(100, 1_500));
        }
    }

    /// <summary>kill -9 under load, a start on the same ports, and everybody goes on.</summary>
    public async Task KillAsync(bool whileRebalancing)
    {
        if (whileRebalancing)
        {
            await _clients.BeginRebalanceAsync();
        }
        else
        {
            await _clients.ProducedAsync(_clients.Random.Next(1, 1_000));
        }

        _clients.Tell(whileRebalancing ? "the broker is killed while a group rebalances" : "the broker is killed");
        await _silo!.KillAsync();
        await _silo.DisposeAsync();
        _silo = await SiloProcess.StartAsync(_launch);
        _clients.Tell("the broker is back");
        var started = Stopwatch.GetTimestamp();
        await _clients.ProducedAsync(1);
        _clients.Tell(string.Create(CultureInfo.InvariantCulture, $"the next acknowledgement came after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms"));
        await _clients.GoneOnAsync();
    }

    /// <summary>The verdict.</summary>
    public Task FinishAsync() => _clients.FinishAsync();

    public async ValueTask DisposeAsync()
    {
        await _clients.DisposeAsync();
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }
}

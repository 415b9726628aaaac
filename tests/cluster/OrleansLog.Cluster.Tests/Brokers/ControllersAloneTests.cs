using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Three brokers that never host the controller, and two silos that do nothing else.</summary>
public sealed class BrokersAndControllers : SharedBrokers
{
    public static readonly int[] Controllers = [4, 5];

    private readonly int[] _httpPorts = FreePorts.Take(Controllers.Length);

    private protected override IReadOnlyList<int> Besides => Controllers;

    /// <summary>What a controller's health page says.</summary>
    public async Task<string> HealthOfAsync(int id)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://{HttpOf(id)}/healthz/ready"));
    }

    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        LogLevel = "Information",
        Settings = ThreeBrokers.Ids.Contains(launch.NodeId)
            ? new Dictionary<string, string>(launch.Settings) { ["process.roles"] = "broker" }
            : new Dictionary<string, string>(launch.Settings) { ["process.roles"] = "controller", ["orleanslog.http.address"] = HttpOf(launch.NodeId) },
    };

    private string HttpOf(int id) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_httpPorts[Array.IndexOf(Controllers, id)]}");
}

public class ControllersAloneTests(BrokersAndControllers shared, ITestOutputHelper output) : IClassFixture<BrokersAndControllers>
{
    private const string Active = "is active on";

    private ThreeBrokers Cluster => shared.Cluster;

    [PostgresFact]
    public async Task The_controller_moves_between_silos_that_do_nothing_else_and_records_flow_without_any()
    {
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync("alone", 3);
        await using var load = Load.Start(client, "alone", [0, 1, 2], 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        await AssertOnlyBrokersAreToldAsync(client);
        foreach (var id in BrokersAndControllers.Controllers)
        {
            Assert.Equal("Healthy", await shared.HealthOfAsync(id));
            Assert.False(Directory.Exists(Cluster.DataOf(id)), "a controller has made a log directory");
        }

        var first = BrokersAndControllers.Controllers.MaxBy(EpochOf);
        var second = BrokersAndControllers.Controllers.Single(id => id != first);
        await KillAsync(first, client, "made-by-the-second");
        await Cluster.SaysAsync(second, Active);
        Assert.Contains((int[])[.. ThreeBrokers.Ids, second], id => Cluster.OutputOf(id).Contains("Nobody listens any more at the silo", StringComparison.Ordinal));

        // Nobody is left to decide.
        await Cluster.KillAsync(second);
        var making = Replicas.EventuallyAsync(() => client.Admin.CreateTopicAsync("made-late", 1));
        await load.AcknowledgedAsync(1_000);
        Assert.False(making.IsCompleted, making.Exception?.ToString() ?? "a topic was made without a controller");
        await Cluster.StartAsync(first);
        await making;
        await AssertOnlyBrokersAreToldAsync(client);

        // One that stops says so, and its successor needs no suspicion.
        await Cluster.StartAsync(second);
        await load.AcknowledgedAsync(500);
        var stopping = Stopwatch.GetTimestamp();
        Assert.Equal(0, await Cluster.StopAsync(first));
        await Replicas.EventuallyAsync(() => client.Admin.CreateTopicAsync("made-after-stop", 1));
        output.WriteLine($"SIGTERM of the controller to the next topic: {Stopwatch.GetElapsedTime(stopping).TotalMilliseconds:0} ms");
        await Cluster.StartAsync(first);
        await Cluster.AssertWholeAsync(client, "alone", await load.FinishAsync());
        await AssertOnlyBrokersAreToldAsync(client);
    }

    [ClusterTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_number_that_a_live_silo_has_is_refused_to_another_controller(int id)
    {
        var launch = Cluster.Launch(id, "impostor");

        var refused = await SiloProcess.RunRefusedAsync(launch with { Settings = new Dictionary<string, string>(launch.Settings) { ["process.roles"] = "controller" } });

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"node.id {id} is in use", refused.StandardError, StringComparison.Ordinal);
    }

    /// <summary>The last epoch in which a silo had the controller; two that start at once may both have had it.</summary>
    private int EpochOf(int id) => Regex.Matches(Cluster.OutputOf(id), @$"Controller (\d+) {Active}").Select(told => int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture)).LastOrDefault();

    private async Task KillAsync(int controller, ILogClient client, string topic)
    {
        var killed = Stopwatch.GetTimestamp();
        await Cluster.KillAsync(controller);
        await Replicas.EventuallyAsync(() => client.Admin.CreateTopicAsync(topic, 1));
        output.WriteLine($"kill -9 of the controller to the next topic: {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:0} ms");
    }

    private static async Task AssertOnlyBrokersAreToldAsync(ILogClient client)
    {
        var cluster = await client.Admin.DescribeClusterAsync(includeFencedBrokers: true);
        Assert.Equal(ThreeBrokers.Ids, cluster.Brokers.Select(broker => broker.Id).Order());
        Assert.Contains(cluster.ControllerId, ThreeBrokers.Ids);
    }
}

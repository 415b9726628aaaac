using System.Diagnostics;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Such brokers whose silos never give each other up: whoever is cut off goes on, for as long as the cut lasts.</summary>
public sealed class EnduringBrokers : NetworkedBrokers
{
    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        Settings = new Dictionary<string, string>(launch.Settings)
        {
            ["broker.session.timeout.ms"] = "6000",
            ["orleanslog.silo.probe.timeout.ms"] = "60000",
            ["orleanslog.silo.probe.misses"] = "100",
        },
    };
}

/// <summary>Fault 3: a broker is cut off under load, lives on as what it was, and comes back by itself.</summary>
public class CutForLongTests(EnduringBrokers shared, ITestOutputHelper output) : IClassFixture<EnduringBrokers>
{
    private readonly int _seed = Environment.TickCount;

    private ThreeBrokers Cluster => shared.Cluster;

    [NetworkFact]
    public async Task A_leader_without_followers_acknowledges_nothing_and_its_clients_find_the_new_one()
    {
        await using var scene = await CutScene.OfLeaderAsync(Cluster, "leader");
        foreach (var cut in Enum.GetValues<Cut>())
        {
            await scene.AcknowledgedAsync();
            var began = Stopwatch.GetTimestamp();
            await Cluster.CutOffAsync(scene.Victim, cut);
            await scene.LedByOthersAsync();
            output.WriteLine($"{cut} to records acknowledged by other leaders: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");

            began = Stopwatch.GetTimestamp();
            await Cluster.MendAsync(scene.Victim, cut);
            await scene.Client.InSyncAsync("leader");
            output.WriteLine($"{cut} mended to in sync: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
            await Cluster.ElectPreferredAsync(scene.Client, "leader");
        }

        await scene.AssertWholeAsync();
    }

    [NetworkFact]
    public async Task A_controller_without_the_others_is_followed_by_one_that_they_reach()
    {
        await using var scene = await CutScene.OfControllerAsync(Cluster, "controller", isAllWritten: true);
        await scene.AcknowledgedAsync();

        // Nobody gives a silo up: it is the brokers who find that nobody hears the controller.
        var began = Stopwatch.GetTimestamp();
        await Cluster.CutOffAsync(scene.Victim, Cut.BothWays);
        await using var elsewhere = await Cluster.ConnectAsync(ThreeBrokers.Ids.First(id => id != scene.Victim));
        await elsewhere.UntilAsync("controller", partition => partition.LeaderId >= 0 && partition.LeaderId != scene.Victim && partition.Isr is [_, _]);
        output.WriteLine($"to other leaders, two in sync: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.NotEqual(scene.Victim, (await elsewhere.Admin.DescribeClusterAsync()).ControllerId);

        // Clients of the old one may be refused for as long as the cut lasts: it leads, as far as it knows, and has nobody in sync.
        await Cluster.MendAsync(scene.Victim, Cut.BothWays);
        await scene.Client.InSyncAsync("controller");
        await scene.AcknowledgedAsync();
        await scene.AssertWholeAsync();
    }

    [NetworkFact]
    public async Task Links_that_lose_what_they_carry_again_and_again_cost_nothing_but_time()
    {
        output.WriteLine($"seed {_seed}");
        var dice = new Random(_seed);
        await using var scene = await CutScene.OfLeaderAsync(Cluster, "lossy");
        await scene.AcknowledgedAsync();
        for (var loss = 0; loss < (Repository.LongRuns ? 1_000 : 30); loss++)
        {
            var ends = ThreeBrokers.Ids.ToArray();
            dice.Shuffle(ends);
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(dice.Next(20, 400)));
            await Cluster.Network.CutAsync(ends[0], ends[1]);
            await pause.WaitForNextTickAsync();
            await Cluster.Network.MendAsync(ends[0], ends[1]);
        }

        await scene.Client.InSyncAsync("lossy");
        await scene.AcknowledgedAsync();
        await scene.AssertWholeAsync();
    }
}

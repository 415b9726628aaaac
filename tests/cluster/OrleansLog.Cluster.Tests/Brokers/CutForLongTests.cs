using System.Diagnostics;
using OrleansLog.Client;
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
    private const int Records = 500;
    private static readonly int[] Partitions = [0, 1, 2];

    private ThreeBrokers Cluster => shared.Cluster;

    [NetworkFact]
    public async Task A_leader_without_followers_acknowledges_nothing_and_its_clients_find_the_new_one()
    {
        const string Topic = "leader";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = await client.LeaderBesideControllerAsync(Topic);
        await using var there = await Cluster.ConnectAsync(victim);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await using var loadThere = Load.Start(there, Topic, await client.LedByAsync(Topic, victim), Cuts.SecondProducer, Load.Patient());
        foreach (var cut in Enum.GetValues<Cut>())
        {
            await load.AcknowledgedAsync(Records);
            await loadThere.AcknowledgedAsync(Records);
            var began = Stopwatch.GetTimestamp();
            await Cluster.CutOffAsync(victim, cut);
            await client.LeadsNothingAsync(Topic, victim);
            output.WriteLine($"{cut} to other leaders: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");

            // Who has written to the victim alone must have found the new leaders.
            await load.AcknowledgedAsync(Records);
            await loadThere.AcknowledgedAsync(Records);
            output.WriteLine($"{cut} to {Records} records acknowledged to each producer: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");

            began = Stopwatch.GetTimestamp();
            await Cluster.MendAsync(victim, cut);
            await client.InSyncAsync(Topic);
            output.WriteLine($"{cut} mended to in sync: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
            await Cluster.ElectPreferredAsync(client, Topic);
        }

        await Cluster.AssertWholeAsync(client, Topic, await Cuts.FinishAsync(load, loadThere));
    }

    [NetworkFact]
    public async Task A_controller_without_the_others_takes_all_leaderships_and_no_record_is_acknowledged_by_it_or_by_them()
    {
        const string Topic = "controller";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = (await client.Admin.DescribeClusterAsync()).ControllerId;
        await using var there = await Cluster.ConnectAsync(victim);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await using var loadThere = Load.Start(there, Topic, Partitions, Cuts.SecondProducer, Load.Patient());
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);

        await Cluster.CutOffAsync(victim, Cut.BothWays);
        await using var late = await Cluster.ConnectAsync(victim);
        await late.UntilAsync(Topic, partition => partition.LeaderId == victim && partition.Isr is [_]);

        // Each of the old leaders needs it in its ISR, and it has nobody.
        var acknowledged = (load.Acknowledged, loadThere.Acknowledged);
        foreach (var partition in Partitions)
            Assert.Equal(ErrorCode.NotEnoughReplicas, await late.RefusalAsync(new(Topic, partition)));
        Assert.Equal(acknowledged, (load.Acknowledged, loadThere.Acknowledged));

        await Cluster.MendAsync(victim, Cut.BothWays);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);
        await Cluster.AssertWholeAsync(client, Topic, await Cuts.FinishAsync(load, loadThere));
    }
}

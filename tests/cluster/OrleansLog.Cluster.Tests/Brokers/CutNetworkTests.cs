using OrleansLog.Client;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Fault 3: a broker is cut off under load until the other silos have given it up. Its process ends then, and is started again as by a service manager.</summary>
public class CutNetworkTests(NetworkedBrokers shared) : IClassFixture<NetworkedBrokers>
{
    private const int Records = 500;
    private static readonly int[] Partitions = [0, 1, 2];

    private ThreeBrokers Cluster => shared.Cluster;

    [LongNetworkFact]
    public async Task A_leader_without_a_network_is_replaced_and_comes_back_with_all_that_was_acknowledged()
    {
        const string Topic = "leader";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = await client.LeaderBesideControllerAsync(Topic);
        await using var load = Load.Start(client, Topic, await client.LedByAsync(Topic, victim), 0, Load.Patient());
        await load.AcknowledgedAsync(Records);

        await Cluster.CutOffAsync(victim, Cut.Cable);
        await client.LeadsNothingAsync(Topic, victim);
        await load.AcknowledgedAsync(Records);

        // It is cut off from the database too: only when that is back does it learn that the others have given it up.
        await Cluster.DeclaredDeadAsync(victim);
        await Cluster.MendAsync(victim, Cut.Cable);
        await Cluster.ExitedAsync(victim);
        await Cluster.StartAsync(victim);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(Records);
        await Cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }

    [LongNetworkFact]
    public async Task A_controller_that_only_the_database_and_clients_reach_is_replaced_and_two_leaders_never_acknowledge()
    {
        const string Topic = "controller";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = (await client.Admin.DescribeClusterAsync()).ControllerId;
        await using var there = await Cluster.ConnectAsync(victim);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await using var loadThere = Load.Start(there, Topic, await client.LedByAsync(Topic, victim), Cuts.SecondProducer, Load.Patient());
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);

        await Cluster.CutOffAsync(victim, Cut.BothWays);
        await client.LeadsNothingAsync(Topic, victim);
        await loadThere.AcknowledgedAsync(Records);

        // The database tells it that the others have given it up.
        await Cluster.ExitedAsync(victim);
        await Cluster.MendAsync(victim, Cut.BothWays);
        await Cluster.StartAsync(victim);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);
        Assert.NotEqual(victim, (await client.Admin.DescribeClusterAsync()).ControllerId);
        await Cluster.AssertWholeAsync(client, Topic, await Cuts.FinishAsync(load, loadThere));
    }
}

using System.Diagnostics;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test of three silos on a network whose links can be cut; skipped, with the reason, where one of both cannot be had.</summary>
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = (PostgresServer.Unavailable ?? PrivateNetwork.Unavailable)!;
}

/// <summary>Three brokers, each a host of its own.</summary>
public sealed class NetworkedBrokers : SharedBrokers
{
    private protected override bool IsAvailable => base.IsAvailable && PrivateNetwork.Unavailable is null;

    private protected override bool InNetwork => true;
}

/// <summary>Fault 3: links between three real brokers, their clients and their database are cut under load.</summary>
public class CutNetworkTests(NetworkedBrokers shared, ITestOutputHelper output) : IClassFixture<NetworkedBrokers>
{
    private const int Records = 500;

    /// <summary>First number of its values.</summary>
    private const long SecondProducer = 1_000_000_000;

    private static readonly int[] Partitions = [0, 1, 2];

    private enum Cut
    {
        BothWays,
        WhatItSends,
        WhatItIsSent,
    }

    [NetworkFact]
    public async Task A_leader_without_a_network_is_replaced_and_comes_back_with_all_that_was_acknowledged()
    {
        const string Topic = "unplugged";
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = await LeaderBesideControllerAsync(client, Topic);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(Records);

        await cluster.Network.UnplugAsync(victim);
        await LeadsNothingAsync(client, Topic, victim);
        await load.AcknowledgedAsync(4 * Records);

        // It is cut off from the database too: only when that is back does it learn that the others have given it up.
        await cluster.DeclaredDeadAsync(victim);
        await cluster.Network.PlugInAsync(victim);
        await cluster.ExitedAsync(victim);
        await cluster.StartAsync(victim);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(Records);
        await cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }

    [NetworkFact]
    public async Task A_controller_that_only_the_database_and_clients_reach_is_replaced_and_two_leaders_never_acknowledge()
    {
        const string Topic = "controller";
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = (await client.Admin.DescribeClusterAsync()).ControllerId;
        await using var there = await cluster.ConnectAsync(victim);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await using var loadThere = Load.Start(there, Topic, Partitions, SecondProducer, Load.Patient());
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);

        await EachLinkAsync(cluster.Network, victim, Cut.BothWays, cluster.Network.CutAsync);
        await LeadsNothingAsync(client, Topic, victim);
        await load.AcknowledgedAsync(4 * Records);

        // The database tells it that the others have given it up.
        await cluster.ExitedAsync(victim);
        await EachLinkAsync(cluster.Network, victim, Cut.BothWays, cluster.Network.MendAsync);
        await cluster.StartAsync(victim);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(Records);
        await loadThere.AcknowledgedAsync(Records);
        Assert.NotEqual(victim, (await client.Admin.DescribeClusterAsync()).ControllerId);
        await cluster.AssertWholeAsync(client, Topic, await FinishAsync(load, loadThere));
    }

    /// <summary>Neither Orleans nor the session end what is cut off here: it goes on as a leader that has no followers, for as long as the cut lasts.</summary>
    [NetworkFact]
    public async Task A_leader_that_only_clients_reach_acknowledges_nothing_and_its_clients_find_the_new_one()
    {
        const string Topic = "between-brokers";
        await using var cluster = await ThreeBrokers.StartAsync(
            static launch => launch with
            {
                Settings = new Dictionary<string, string>(launch.Settings)
                {
                    ["broker.session.timeout.ms"] = "3600000",
                    ["orleanslog.silo.probe.timeout.ms"] = "60000",
                    ["orleanslog.silo.probe.misses"] = "100",
                },
            },
            inNetwork: true);
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var victim = await LeaderBesideControllerAsync(client, Topic);
        await using var there = await cluster.ConnectAsync(victim);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await using var loadThere = Load.Start(there, Topic, Partitions, SecondProducer, Load.Patient());
        foreach (var cut in Enum.GetValues<Cut>())
        {
            await load.AcknowledgedAsync(Records);
            await loadThere.AcknowledgedAsync(Records);
            var began = Stopwatch.GetTimestamp();
            await EachLinkAsync(cluster.Network, victim, cut, cluster.Network.CutAsync);
            await LeadsNothingAsync(client, Topic, victim);

            // More than can be on the way: those at the end of the victim's partitions have another leader.
            await load.AcknowledgedAsync(4 * Records);
            await loadThere.AcknowledgedAsync(4 * Records);
            output.WriteLine($"{cut} to {4 * Records} records acknowledged to each producer: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");

            await EachLinkAsync(cluster.Network, victim, cut, cluster.Network.MendAsync);
            await client.InSyncAsync(Topic);
            await cluster.ElectPreferredAsync(client, Topic);
        }

        await cluster.AssertWholeAsync(client, Topic, await FinishAsync(load, loadThere));
    }

    private static async Task<int> LeaderBesideControllerAsync(ILogClient client, string topic)
    {
        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
        return (await client.Admin.DescribeTopicAsync(topic)).Partitions.First(partition => partition.LeaderId != controller).LeaderId;
    }

    private static Task LeadsNothingAsync(ILogClient client, string topic, int broker) =>
        client.UntilAsync(topic, partition => partition.LeaderId >= 0 && partition.LeaderId != broker);

    /// <summary>Cuts or mends the links of one broker with the others.</summary>
    private static async Task EachLinkAsync(PrivateNetwork network, int broker, Cut cut, Func<int, int, Task> act)
    {
        foreach (var other in ThreeBrokers.Ids.Where(id => id != broker))
        {
            if (cut != Cut.WhatItIsSent)
                await act(broker, other);
            if (cut != Cut.WhatItSends)
                await act(other, broker);
        }
    }

    private static async Task<IReadOnlyList<SentRecord>> FinishAsync(Load first, Load second)
    {
        var histories = await Task.WhenAll(first.FinishAsync(), second.FinishAsync());
        return [.. histories[0], .. histories[1].Select(static record => record with { Producer = 1 })];
    }
}

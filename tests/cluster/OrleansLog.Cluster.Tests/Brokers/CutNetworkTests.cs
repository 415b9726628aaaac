namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Fault 3: a broker is cut off under load until the other silos have given it up. Its process ends then, and is started again as by a service manager.</summary>
public class CutNetworkTests(NetworkedBrokers shared) : IClassFixture<NetworkedBrokers>
{
    private ThreeBrokers Cluster => shared.Cluster;

    [NetworkFact]
    public async Task A_leader_without_a_network_is_replaced_and_comes_back_with_all_that_was_acknowledged()
    {
        await using var scene = await CutScene.OfLeaderAsync(Cluster, "leader");
        await scene.AcknowledgedAsync();

        await Cluster.CutOffAsync(scene.Victim, Cut.Cable);
        await scene.LedByOthersAsync();

        // It is cut off from the database too: only when that is back does it learn that the others have given it up.
        await Cluster.DeclaredDeadAsync(scene.Victim);
        await Cluster.MendAsync(scene.Victim, Cut.Cable);
        await Cluster.ExitedAsync(scene.Victim);
        await Cluster.StartAsync(scene.Victim);
        await scene.Client.InSyncAsync("leader");
        await scene.AcknowledgedAsync();
        await scene.AssertWholeAsync();
    }

    [NetworkFact]
    public async Task A_controller_that_only_the_database_and_clients_reach_is_replaced_and_two_leaders_never_acknowledge()
    {
        await using var scene = await CutScene.OfControllerAsync(Cluster, "controller", isAllWritten: false);
        await scene.AcknowledgedAsync();

        await Cluster.CutOffAsync(scene.Victim, Cut.BothWays);
        await scene.LedByOthersAsync();

        // The database tells it that the others have given it up.
        await Cluster.ExitedAsync(scene.Victim);
        await Cluster.MendAsync(scene.Victim, Cut.BothWays);
        await Cluster.StartAsync(scene.Victim);
        await scene.Client.InSyncAsync("controller");
        await scene.AcknowledgedAsync();
        Assert.NotEqual(scene.Victim, (await scene.Client.Admin.DescribeClusterAsync()).ControllerId);
        await scene.AssertWholeAsync();
    }
}

using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Three brokers, of which the last never hosts the controller.</summary>
public sealed class BrokersWithRoles : SharedBrokers
{
    public const int DataOnly = 3;

    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        Settings = new Dictionary<string, string>(launch.Settings) { ["process.roles"] = launch.NodeId == DataOnly ? "broker" : "broker,controller" },
    };
}

public class RolesTests(BrokersWithRoles shared) : IClassFixture<BrokersWithRoles>
{
    private ThreeBrokers Cluster => shared.Cluster;

    [PostgresFact]
    public async Task The_controller_moves_between_silos_that_may_host_it_and_waits_for_one()
    {
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync("roles", 3);
        await using var load = Load.Start(client, "roles", [0, 1, 2], 0, Load.Patient());
        for (var move = 0; move < 3; move++)
        {
            await load.AcknowledgedAsync(500);
            var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
            Assert.NotEqual(BrokersWithRoles.DataOnly, controller);
            await Cluster.KillAsync(controller);
            await client.UntilAsync("roles", partition => partition.LeaderId >= 0 && partition.LeaderId != controller);
            await Cluster.StartAsync(controller);
            await client.InSyncAsync("roles");
        }

        // Without either of the two nobody decides, and the third goes on once one is back.
        await load.AcknowledgedAsync(500);
        await Cluster.KillAsync(1);
        await Cluster.KillAsync(2);
        await Cluster.StartAsync(2);
        await client.UntilAsync("roles", partition => partition.LeaderId is 2 or BrokersWithRoles.DataOnly);
        Assert.Equal(2, (await client.Admin.DescribeClusterAsync()).ControllerId);
        await Cluster.StartAsync(1);
        await Cluster.AssertWholeAsync(client, "roles", await load.FinishAsync());
    }
}

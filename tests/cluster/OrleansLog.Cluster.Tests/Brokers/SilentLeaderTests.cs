using OrleansLog.Client;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Leaders that stand still, where neither Orleans nor the session finds them in time: their followers do, and whoever asks the controller.</summary>
public class SilentLeaderTests
{
    private const string Topic = "silent";

    [ClusterTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_stands_still_leads_no_more_and_comes_back_by_itself(bool hostsController)
    {
        await using var cluster = await ThreeBrokers.StartAsync(static launch => launch with
        {
            Settings = new Dictionary<string, string>(launch.Settings)
            {
                ["broker.session.timeout.ms"] = "3600000",
                ["orleanslog.silo.probe.timeout.ms"] = "60000",
                ["orleanslog.silo.probe.misses"] = "100",
            },
        });
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, ThreeBrokers.Ids.Count);
        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
        var victim = (await client.Admin.DescribeTopicAsync(Topic)).Partitions.First(partition => (partition.LeaderId == controller) == hostsController).LeaderId;
        await using var load = Load.Start(client, Topic, Enumerable.Range(0, ThreeBrokers.Ids.Count), 0, Load.Patient());
        await load.AcknowledgedAsync(500);

        await cluster.PauseAsync(victim);
        if (hostsController)
            await cluster.AnyoneSaysAsync(ThreeBrokers.Ids.Where(id => id != victim), "another one is asked to take over");
        else
            await cluster.SaysAsync(controller, $"Broker {victim} is fenced: broker ");

        // More than can be on the way: those at the end of the victim's partitions have another leader.
        await load.AcknowledgedAsync(2_000);
        cluster.Continue(victim);
        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(500);
        if (hostsController)
            Assert.NotEqual(controller, (await client.Admin.DescribeClusterAsync()).ControllerId);

        await cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }
}

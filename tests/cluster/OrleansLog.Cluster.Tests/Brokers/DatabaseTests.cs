using System.Diagnostics;
using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Fault 12: the database of three real brokers is away while records are written to all of them.</summary>
public class DatabaseTests(SharedBrokers shared, ITestOutputHelper output) : IClassFixture<SharedBrokers>
{
    private const int Kills = 4;

    private static readonly int[] Partitions = [0, 1, 2];

    [ClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_it_records_go_on_in_the_same_epochs_and_with_it_a_dead_broker_is_replaced(bool immediate)
    {
        var topic = immediate ? "immediate" : "fast";
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(topic, Partitions.Length);
        await using var load = Load.Start(client, topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        var epochs = await LeadersAsync(client, topic);
        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;

        await cluster.Database.StopAsync(immediate);
        var down = Stopwatch.GetTimestamp();
        await cluster.SaysAsync(controller, "The metadata log does not answer");
        await load.AcknowledgedAsync(Repository.LongRuns ? 200_000 : 3_000);
        output.WriteLine($"without a database for {Stopwatch.GetElapsedTime(down).TotalSeconds:0.0} s");

        await cluster.Database.StartAsync();
        await Replicas.EventuallyAsync(() => client.CreateReplicatedAsync("made-after-" + topic, 1));
        await load.AcknowledgedAsync(500);
        Assert.Equal(epochs, await LeadersAsync(client, topic));

        // The one that saw it all goes: another has to decide by what is in the database.
        await cluster.KillAsync(controller);
        var killed = Stopwatch.GetTimestamp();
        await client.UntilAsync(topic, partition => partition.LeaderId >= 0 && partition.LeaderId != controller);
        output.WriteLine($"kill -9 of the controller's broker to other leaders: {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:0} ms");
        await load.AcknowledgedAsync(1_500);
        await cluster.StartAsync(controller);

        await cluster.AssertWholeAsync(client, topic, await load.FinishAsync());
    }

    [PostgresFact]
    public async Task Killed_in_the_middle_of_its_commits_it_keeps_what_was_answered()
    {
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync("killed", Partitions.Length);
        await using var load = Load.Start(client, "killed", Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        var epochs = await LeadersAsync(client, "killed");
        await using var making = new TopicMaker(client);
        for (var kill = 0; kill < Kills; kill++)
        {
            await making.MadeAsync(3);
            await cluster.Database.KillAsync();
            await load.AcknowledgedAsync(500);
            await cluster.Database.StartAsync();
        }

        await making.MadeAsync(3);
        await making.StopAsync();
        output.WriteLine($"{making.Made.Count} topics made, {making.InDoubt} in doubt");
        Assert.Equal(epochs, await LeadersAsync(client, "killed"));

        // The next controller knows only what is in the database.
        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
        await cluster.KillAsync(controller);
        await client.UntilAsync("killed", partition => partition.LeaderId >= 0 && partition.LeaderId != controller);
        await cluster.StartAsync(controller);
        Assert.Subset((await client.Admin.ListTopicsAsync()).Select(topic => topic.Name).ToHashSet(), making.Made.ToHashSet());
        await cluster.AssertWholeAsync(client, "killed", await load.FinishAsync());
    }

    private static async Task<IEnumerable<(int Leader, int Epoch)>> LeadersAsync(ILogClient client, string topic) =>
        (await client.Admin.DescribeTopicAsync(topic)).Partitions.Select(partition => (partition.LeaderId, partition.LeaderEpoch)).ToArray();
}

using System.Diagnostics;
using OrleansLog.Client;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Several silos as one cluster, topics of one replica: who answers for what, and what a dead broker or database takes along.</summary>
public class ThreeBrokersTests(SharedBrokers shared, ITestOutputHelper output) : IClassFixture<SharedBrokers>
{
    private const int Partitions = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [PostgresFact]
    public async Task A_killed_broker_takes_only_its_own_partitions_along_and_comes_back_as_itself()
    {
        const string Topic = "spread";
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync(1);
        var admin = client.Admin;
        var description = await admin.DescribeClusterAsync();
        Assert.Equal(ThreeBrokers.Ids, description.Brokers.Select(broker => broker.Id).Order());

        await admin.CreateTopicAsync(Topic, Partitions);
        var leaders = (await admin.DescribeTopicAsync(Topic)).Partitions.Select(partition => partition.LeaderId).ToArray();
        Assert.All(ThreeBrokers.Ids, id => Assert.Equal(Partitions / 3, leaders.Count(leader => leader == id)));
        for (var partition = 0; partition < Partitions; partition++)
            await client.SendAsync(new TopicPartition(Topic, partition), $"before-{partition}");

        var victim = description.ControllerId;
        var witness = ThreeBrokers.Ids.First(id => id != victim);
        await using var other = await cluster.ConnectAsync(witness);
        await other.Admin.DescribeClusterAsync();
        var killed = Stopwatch.GetTimestamp();
        await cluster.KillAsync(victim);
        await Replicas.EventuallyAsync(() => other.Admin.CreateTopicAsync("made-after-kill", 2));
        output.WriteLine($"kill -9 of the controller's broker to the next topic created: {Stopwatch.GetElapsedTime(killed).TotalMilliseconds:0} ms");

        // The new controller fences the victim in its own time.
        var after = (await other.Admin.DescribeTopicAsync(Topic)).Partitions;
        while (Enumerable.Range(0, Partitions).Any(partition => leaders[partition] == victim && after[partition].Error == ErrorCode.None))
        {
            Assert.True(Stopwatch.GetElapsedTime(killed) < Patience, "the partitions of the killed broker still have a leader");
            after = (await other.Admin.DescribeTopicAsync(Topic)).Partitions;
        }

        Assert.DoesNotContain((await other.Admin.DescribeClusterAsync()).Brokers, broker => broker.Id == victim);
        Assert.Equal([victim], (await other.Admin.DescribeClusterAsync(includeFencedBrokers: true)).Brokers.Where(broker => broker.IsFenced).Select(broker => broker.Id));
        for (var partition = 0; partition < Partitions; partition++)
        {
            var isLost = leaders[partition] == victim;
            Assert.Equal(isLost ? ErrorCode.LeaderNotAvailable : ErrorCode.None, after[partition].Error);
            Assert.Equal(isLost ? [victim] : Array.Empty<int>(), after[partition].EligibleLeaderReplicas);
            if (!isLost)
                await other.SendAsync(new TopicPartition(Topic, partition), $"during-{partition}");
        }

        await cluster.StartAsync(victim);
        for (var partition = 0; partition < Partitions; partition++)
            await other.SendAsync(new TopicPartition(Topic, partition), $"after-{partition}");
        Assert.Equal(Partitions * 3 - leaders.Count(leader => leader == victim), (await other.ReadAsync(Topic)).Count);
    }

    [PostgresFact]
    public async Task Records_go_on_while_the_database_is_down_and_decisions_come_back_with_it()
    {
        const string Topic = "without-database";
        var cluster = shared.Cluster;
        await using var client = await cluster.ConnectAsync(2);
        await client.Admin.CreateTopicAsync(Topic, Partitions);
        for (var partition = 0; partition < Partitions; partition++)
            await client.SendAsync(new TopicPartition(Topic, partition), $"before-{partition}");

        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
        await cluster.Database.StopAsync();
        await cluster.SaysAsync(controller, "The metadata log does not answer");
        for (var partition = 0; partition < Partitions; partition++)
            await client.SendAsync(new TopicPartition(Topic, partition), $"without-{partition}");

        await cluster.Database.StartAsync();
        var back = Stopwatch.GetTimestamp();
        await cluster.SaysAsync(controller, "The metadata log answers again");
        await Replicas.EventuallyAsync(() => client.Admin.CreateTopicAsync("made-after-database", 2));
        output.WriteLine($"database back to the next topic created: {Stopwatch.GetElapsedTime(back).TotalMilliseconds:0} ms");
        Assert.Equal(Partitions * 2, (await client.ReadAsync(Topic)).Count);
    }

    [PostgresFact]
    public async Task A_second_silo_with_the_number_of_a_live_broker_is_refused()
    {
        var cluster = shared.Cluster;

        var refused = await SiloProcess.RunRefusedAsync(cluster.Launch(2, "impostor"));

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("node.id 2 is in use", refused.StandardError, StringComparison.Ordinal);
        await using var client = await cluster.ConnectAsync(2);
        Assert.Equal(ThreeBrokers.Ids, (await client.Admin.DescribeClusterAsync()).Brokers.Select(broker => broker.Id).Order());
    }
}

using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>D11 with three real brokers: a broker whose disk is another one begins anew, and never leads with nothing.</summary>
[Collection(nameof(ScrubbingBrokers))]
public class LostDiskTests(ScrubbingBrokers shared)
{
    private static readonly int[] Partitions = [0, 1, 2];

    private ThreeBrokers Cluster => shared.Cluster;

    [ClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_whose_disk_was_lost_fetches_everything_anew(bool cleanStop)
    {
        var topic = cleanStop ? "lost-stop" : "lost-kill";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(topic, Partitions.Length);
        await using var load = Load.Start(client, topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(3_000);
        var victim = (await client.Admin.DescribeTopicAsync(topic)).Partitions[0].LeaderId;
        var before = DirectoryOf(victim);
        await (cleanStop ? Cluster.StopAsync(victim) : Cluster.KillAsync(victim));
        Directory.Delete(Cluster.DataOf(victim), recursive: true);
        await load.AcknowledgedAsync(1_000);

        await Cluster.StartAsync(victim);
        await load.AcknowledgedAsync(1_500);

        await Cluster.AssertWholeAsync(client, topic, await load.FinishAsync());
        Assert.NotEqual(before, DirectoryOf(victim));
        AssertNeverLedEmpty(victim, topic);
    }

    [PostgresFact]
    public async Task The_last_broker_in_sync_does_not_lead_without_its_disk_and_waits_for_the_one_before_it()
    {
        const string Topic = "lost-last";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(3_000);
        var history = await load.FinishAsync();
        await client.InSyncAsync(Topic);

        await Cluster.StopAsync(1);
        await client.UntilAsync(Topic, partition => partition.Isr.Length == 2);
        await Cluster.StopAsync(2);
        await Cluster.StopAsync(3);
        Directory.Delete(Cluster.DataOf(3), recursive: true);

        // Broker 1 left when there were two others, and may lack what was written since; broker 2 left one behind, which could not take a record alone.
        await Cluster.StartAsync(3);
        await client.UntilAsync(Topic, partition => partition.LeaderId < 0);
        await Cluster.StartAsync(1);
        Assert.All((await client.Admin.DescribeTopicAsync(Topic)).Partitions, partition => Assert.Equal(ErrorCode.LeaderNotAvailable, partition.Error));

        await Cluster.StartAsync(2);
        await client.UntilAsync(Topic, partition => partition.LeaderId == 2);
        await Cluster.AssertWholeAsync(client, Topic, history);
        AssertNeverLedEmpty(3, Topic);
    }

    [PostgresFact]
    public async Task The_disk_of_another_broker_is_refused_and_both_are_themselves_again_with_their_own()
    {
        const string Topic = "swapped";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        await using var load = Load.Start(client, Topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        await Cluster.StopAsync(2);

        var inUse = await SiloProcess.RunRefusedAsync(Cluster.LaunchOf(2) with { DataDirectories = [Cluster.DataOf(3)] });
        Assert.Equal(1, inUse.ExitCode);
        Assert.Contains($"'{Cluster.DataOf(3)}' is in use by another process", inUse.StandardError, StringComparison.Ordinal);
        await load.AcknowledgedAsync(500);

        await Cluster.StopAsync(3);
        var foreign = await SiloProcess.RunRefusedAsync(Cluster.LaunchOf(2) with { DataDirectories = [Cluster.DataOf(3)] });
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains($"'{Cluster.DataOf(3)}' belongs to node.id 3, this broker is 2", foreign.StandardError, StringComparison.Ordinal);

        await Task.WhenAll(Cluster.StartAsync(2), Cluster.StartAsync(3));
        await load.AcknowledgedAsync(1_500);
        await Cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }

    private string DirectoryOf(int id) =>
        File.ReadLines(Path.Combine(Cluster.DataOf(id), "meta.properties")).Single(line => line.StartsWith("directory.id=", StringComparison.Ordinal));

    private void AssertNeverLedEmpty(int id, string topic)
    {
        var led = Cluster.OutputOf(id).Split('\n').Where(line => line.Contains($"Partition {topic}-", StringComparison.Ordinal) && line.Contains("is led by this broker", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(led);
        Assert.All(led, line => Assert.DoesNotContain("offset 0 on", line, StringComparison.Ordinal));
    }
}

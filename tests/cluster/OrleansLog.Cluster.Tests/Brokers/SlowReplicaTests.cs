using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test of three silos whose system calls can be held up; skipped, with the reason, where one of both cannot be had.</summary>
public sealed class StraceClusterFactAttribute : FactAttribute
{
    public StraceClusterFactAttribute() => Skip = (PostgresServer.Unavailable ?? Strace.Unavailable)!;
}

/// <summary>Three brokers whose followers leave the ISR soon when they lag.</summary>
public sealed class HastyBrokers : SharedBrokers
{
    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        Settings = new Dictionary<string, string>(launch.Settings) { ["replica.lag.time.max.ms"] = "2000" },
    };
}

/// <summary>A disk that gives no error and takes seconds for each sync.</summary>
public class SlowReplicaTests(HastyBrokers shared) : IClassFixture<HastyBrokers>
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private static readonly int[] Partitions = [0, 1, 2];

    private ThreeBrokers Cluster => shared.Cluster;

    [StraceClusterFact]
    public async Task Whose_disk_is_slow_holds_nobody_up_for_long_as_a_follower_and_loses_nothing_as_a_leader()
    {
        const string Topic = "slow";
        await using var client = await Cluster.ConnectAsync();
        await client.Admin.CreateTopicAsync(Topic, Partitions.Length, replicationFactor: 3, new Dictionary<string, string>
        {
            ["min.insync.replicas"] = "2",
            ["segment.bytes"] = "1048576",
            ["orleanslog.flush.policy"] = "ack",
        });
        var victim = (await client.Admin.DescribeTopicAsync(Topic)).Partitions[0].LeaderId;
        var led = await client.LedByAsync(Topic, victim);
        await using var load = Load.Start(client, Topic, Partitions.Except(led), 0, Load.Patient());
        await using var loadThere = Load.Start(client, Topic, led, CutScene.FirstOfSecond, Load.Patient());
        await load.AcknowledgedAsync(500);
        await loadThere.AcknowledgedAsync(500);

        await using (await Strace.DelayAsync(Cluster.ProcessOf(victim), "fsync,fdatasync", Slow))
        {
            await client.UntilAsync(Topic, partition => led.Contains(partition.Partition) || !partition.Isr.Contains(victim));
            await load.AcknowledgedAsync(2_000);
            await loadThere.AcknowledgedAsync(1);
        }

        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(500);
        await loadThere.AcknowledgedAsync(500);
        await Cluster.AssertWholeAsync(client, Topic, await Replicas.FinishAsync(load, loadThere));
    }
}

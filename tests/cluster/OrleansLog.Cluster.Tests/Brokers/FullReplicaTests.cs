using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test of three silos, one of them on a small file system; skipped, with the reason, where one of both cannot be had.</summary>
public sealed class SmallDiskClusterFactAttribute : FactAttribute
{
    public SmallDiskClusterFactAttribute() => Skip = (PostgresServer.Unavailable ?? SmallDisk.Unavailable)!;
}

/// <summary>Three brokers, of which one has little room; followers that lag leave the ISR soon.</summary>
public sealed class CrampedBrokers : SharedBrokers
{
    public const int Cramped = 3;

    private SmallDisk? _disk;

    internal SmallDisk Disk => _disk!;

    private protected override bool IsAvailable => base.IsAvailable && SmallDisk.Unavailable is null;

    public override async Task InitializeAsync()
    {
        _disk = IsAvailable ? await SmallDisk.MountAsync(megabytes: 64) : null;
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        DataDirectories = launch.NodeId == Cramped ? [Path.Combine(Disk.Path, "data")] : launch.DataDirectories,
        Settings = new Dictionary<string, string>(launch.Settings)
        {
            ["orleanslog.disk.free.min.bytes"] = "4194304",
            ["replica.lag.time.max.ms"] = "2000",
        },
    };
}

/// <summary>Fault 10 with three real brokers: whose disk is full falls behind or refuses, and comes back by itself when there is room.</summary>
public class FullReplicaTests(CrampedBrokers shared) : IClassFixture<CrampedBrokers>
{
    private static readonly int[] Partitions = [0, 1, 2];

    private ThreeBrokers Cluster => shared.Cluster;

    [SmallDiskClusterFact]
    public async Task A_follower_without_room_leaves_the_isr_and_comes_back_with_everything_when_there_is_some()
    {
        const string Topic = "full-follower";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var followed = Partitions.Except(await client.LedByAsync(Topic, CrampedBrokers.Cramped)).ToArray();
        var ballast = shared.Disk.FillUp(leaveBytes: 512 * 1024);
        await using var load = Load.Start(client, Topic, followed, 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        await client.UntilAsync(Topic, partition => !followed.Contains(partition.Partition) || !partition.Isr.Contains(CrampedBrokers.Cramped));
        await load.AcknowledgedAsync(2_000);
        File.Delete(ballast);

        await client.InSyncAsync(Topic);
        await load.AcknowledgedAsync(500);
        await Cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }

    [SmallDiskClusterFact]
    public async Task A_leader_without_room_says_so_to_producers_and_takes_records_again_when_there_is_some()
    {
        const string Topic = "full-leader";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(Topic, Partitions.Length);
        var led = (await client.LedByAsync(Topic, CrampedBrokers.Cramped))[0];
        var ballast = shared.Disk.FillUp(leaveBytes: 256 * 1024);
        await using var load = Load.Start(client, Topic, [led], 0, Load.Impatient());
        await load.Refused;
        List<SentRecord> history = [.. await load.StopAsync()];
        Assert.Contains(history, record => record.Outcome == Outcome.Acknowledged);
        Assert.Equal(ErrorCode.KafkaStorageError, await client.RefusalAsync(new(Topic, led)));

        File.Delete(ballast);
        foreach (var partition in Partitions)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"there is room again, {partition}");
            var stored = await client.SendAsync(new(Topic, partition), value);
            history.Add(new SentRecord(partition, history.Count, value, Outcome.Acknowledged, stored.Offset));
        }

        await Cluster.AssertWholeAsync(client, Topic, history);
    }
}

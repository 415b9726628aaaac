using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>ENOSPC from a real file system: refused with a type, nothing torn, and on again when there is room (S8).</summary>
public class FullDiskTests
{
    private static readonly Dictionary<string, string> SmallFloor = new() { ["orleanslog.disk.free.min.bytes"] = "4194304" };

    [SmallDiskFact]
    public async Task A_disk_filled_to_the_brim_refuses_appends_still_reads_and_goes_on_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 64);
        var launch = new SiloLaunch(Path.Combine(disk.Path, "data")) { Settings = SmallFloor };
        var sent = new List<SentRecord>();
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("full", 1);
            Assert.Empty(await client.ReadAsync("full"));
            var ballast = disk.FillUp(leaveBytes: 512 * 1024);

            await using (var load = Load.Start(client, "full", [0], 0, Load.Impatient()))
            {
                await load.Refused;
                sent.AddRange(await load.StopAsync());
            }

            Assert.Equal(ErrorCode.KafkaStorageError, await client.RefusalAsync(new TopicPartition("full", 0)));

            Assert.Contains(sent, record => record.Outcome == Outcome.Acknowledged);
            Assert.Empty(HistoryChecker.Check(sent, await client.ReadAsync("full")));

            File.Delete(ballast);
            var resumed = await client.SendAsync(new TopicPartition("full", 0), "there is room again");
            sent.Add(new SentRecord(0, sent.Count, "there is room again", Outcome.Acknowledged, resumed.Offset));
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        Assert.Empty(HistoryChecker.Check(sent, await reader.ReadAsync("full")));
    }

    [SmallDiskFact]
    public async Task A_full_directory_leaves_the_other_one_alone()
    {
        using var place = new TempDirectory("roomy");
        await using var disk = await SmallDisk.MountAsync(megabytes: 32);
        var launch = new SiloLaunch(place.Combine("a"), Path.Combine(disk.Path, "b")) { Settings = SmallFloor };
        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
        await client.Admin.CreateTopicAsync("full", 2);
        Assert.Empty(await client.ReadAsync("full"));
        var onSmall = Path.GetFileName(Directory.GetDirectories(launch.DataDirectories[1], "full-*").Single())[^1] - '0';
        disk.FillUp(leaveBytes: 256 * 1024);

        await using var load = Load.Start(client, "full", [onSmall], 0, Load.Impatient());
        await load.Refused;

        Assert.Equal(0, (await client.SendAsync(new TopicPartition("full", 1 - onSmall), "room enough here")).Offset);
    }
}

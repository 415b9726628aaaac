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

    /// <summary>With the metadata elsewhere it can do all but append; after a kill, the last run's end has to be looked at without room to write anything.</summary>
    [SmallDiskTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_starts_on_a_full_disk_serves_what_is_there_and_goes_on_when_there_is_room(bool cleanStop)
    {
        using var place = new TempDirectory("metadata");
        await using var disk = await SmallDisk.MountAsync(megabytes: 64);
        var launch = new SiloLaunch(Path.Combine(disk.Path, "data"))
        {
            Settings = new Dictionary<string, string>(SmallFloor) { ["metadata.log.dir"] = place.Combine("metadata") },
        };
        var partition = new TopicPartition("full", 0);
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("full", 1);
            await client.SendAsync(partition, "before");
            if (cleanStop)
                await silo.TerminateAsync();
            else
                await silo.KillAsync();
        }

        var ballast = disk.FillUp(leaveBytes: 0);
        await using var again = await SiloProcess.StartAsync(launch);
        await using var another = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        Assert.Equal(["before"], (await another.ReadAsync(partition, StartAt.Beginning)).Select(record => record.Value));

        // The start may have made room for a page or two.
        await using var load = Load.Start(another, "full", [0], 1, Load.Impatient());
        await load.Refused;
        List<SentRecord> sent = [new SentRecord(0, 0, "before", Outcome.Acknowledged, 0), .. await load.StopAsync()];
        await again.WaitForLineAsync($"The disk of {launch.DataDirectories[0]} is full");
        File.Delete(ballast);

        var resumed = await another.SendAsync(partition, "there is room again");
        sent.Add(new SentRecord(0, load.NextSequence, "there is room again", Outcome.Acknowledged, resumed.Offset));
        Assert.Empty(HistoryChecker.Check(sent, await another.ReadAsync("full")));
        Assert.Equal(0, await again.TerminateAsync());
    }

    [SmallDiskFact]
    public async Task Whose_metadata_has_no_room_at_the_start_says_which_disk_is_full_and_starts_when_there_is_some()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 64);
        var launch = new SiloLaunch(Path.Combine(disk.Path, "data")) { Settings = SmallFloor };
        await using (var silo = await SiloProcess.StartAsync(launch))
            Assert.Equal(0, await silo.TerminateAsync());

        var ballast = disk.FillUp(leaveBytes: 0);
        var refused = await SiloProcess.RunRefusedAsync(launch);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"The disk of {launch.DataDirectories[0]} is full: make room", refused.StandardError, StringComparison.Ordinal);
        File.Delete(ballast);

        await using var again = await SiloProcess.StartAsync(launch);
        Assert.Equal(0, await again.TerminateAsync());
    }
}

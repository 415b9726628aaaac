using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>S8 with errors that the kernel itself hands to a real process, on every thread of it.</summary>
public class FailingDiskTests
{
    [StraceFact]
    public Task After_EIO_on_fsync_nothing_is_acknowledged_and_it_is_not_tried_again() =>
        ADirectoryFailsAloneAsync("fsync,fdatasync", "EIO");

    [StraceFact]
    public Task After_EIO_on_a_write_nothing_is_acknowledged_and_the_directory_goes_offline() =>
        ADirectoryFailsAloneAsync("write,pwrite64,writev,pwritev,pwritev2", "EIO");

    [StraceFact]
    public Task After_EROFS_on_a_write_nothing_is_acknowledged_and_the_directory_goes_offline() =>
        ADirectoryFailsAloneAsync("write,pwrite64,writev,pwritev,pwritev2", "EROFS");

    private static async Task ADirectoryFailsAloneAsync(string calls, string error)
    {
        using var place = new TempDirectory("failing");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        var sent = new List<SentRecord>();
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("disk", 2, configs: new Dictionary<string, string> { ["orleanslog.flush.policy"] = "ack" });
            Assert.Empty(await client.ReadAsync("disk"));
            var bad = PartitionIn(launch.DataDirectories[1]);
            var good = new TopicPartition("disk", 1 - bad.Partition);
            var file = Directory.GetFiles(Path.Combine(launch.DataDirectories[1], $"{bad}"), "*.log").Single();

            await using var load = Load.Start(client, "disk", [bad.Partition], 0, Load.Impatient());
            await load.AcknowledgedAsync(200);
            await using var strace = await Strace.FailAsync(silo.Id, calls, error, file);
            await load.Refused;
            await silo.WaitForLineAsync(line => line.Contains("offline", StringComparison.OrdinalIgnoreCase)
                && line.Contains(launch.DataDirectories[1], StringComparison.Ordinal));
            var sentBefore = load.NextSequence;
            var refusal = await client.RefusalAsync(bad);
            sent.AddRange(await load.StopAsync());

            Assert.Contains(refusal, LogReading.OfflineCodes);
            Assert.DoesNotContain(sent, record => record.Sequence >= sentBefore && record.Outcome == Outcome.Acknowledged);
            Assert.Single(strace.Output.Split('\n'), line => line.Contains("(INJECTED)", StringComparison.Ordinal));
            Assert.True((await client.SendAsync(good, "the other directory goes on")).Offset >= 0);
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        var read = await reader.ReadAsync(PartitionIn(launch.DataDirectories[1]), StartAt.Beginning);
        Assert.Empty(HistoryChecker.Check(sent, read));
    }

    private static TopicPartition PartitionIn(string directory)
    {
        var name = Path.GetFileName(Directory.GetDirectories(directory, "disk-*").Single());
        return new TopicPartition("disk", name[^1] - '0');
    }
}

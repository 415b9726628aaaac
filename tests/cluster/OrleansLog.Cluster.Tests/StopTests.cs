using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

public class StopTests
{
    [Fact]
    public async Task SIGTERM_under_load_leaves_a_clean_marker_and_exit_code_0_and_loses_nothing()
    {
        using var place = new TempDirectory("stop");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        IReadOnlyList<SentRecord> sent;
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("stop", 4);
            await using var load = Load.Start(client, "stop", [0, 1, 2, 3], 0);
            await load.AcknowledgedAsync(2_000);
            Assert.All(launch.DataDirectories, directory => Assert.False(HasCleanMarker(directory)));

            var exitCode = await silo.TerminateAsync();

            sent = await load.StopAsync();
            Assert.True(exitCode == 0, silo.Output);
        }

        Assert.All(launch.DataDirectories, directory => Assert.True(HasCleanMarker(directory)));
        await using var again = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        Assert.Empty(HistoryChecker.Check([.. sent], await reader.ReadAsync("stop")));
    }

    [Fact]
    public async Task A_client_goes_on_across_a_restart_of_its_broker()
    {
        using var place = new TempDirectory("restart");
        var launch = new SiloLaunch(place.Combine("data"));
        var partition = new TopicPartition("restart", 0);
        ILogClient client;
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("restart", 1);
            Assert.Equal(0, (await client.SendAsync(partition, "before")).Offset);
            await silo.KillAsync();
        }

        await using (client)
        {
            await using var silo = await SiloProcess.StartAsync(launch);
            Assert.Equal(1, (await client.SendAsync(partition, "after")).Offset);
            Assert.Equal(["before", "after"], (await client.ReadAsync("restart")).Select(record => record.Value));
        }
    }

    private static bool HasCleanMarker(string directory) => File.Exists(Path.Combine(directory, ".kafka_cleanshutdown"));
}

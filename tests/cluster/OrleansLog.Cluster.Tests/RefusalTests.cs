using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>Two silos where one belongs: the second says why it will not start, in one line, and the first does not notice.</summary>
public class RefusalTests
{
    [Fact]
    public async Task A_second_silo_on_the_same_data_directory_refuses_and_names_it()
    {
        using var place = new TempDirectory("twice");
        var data = place.Combine("data");
        await using var first = await SiloProcess.StartAsync(new SiloLaunch(data));

        var second = await SiloProcess.RunRefusedAsync(new SiloLaunch(data) { NodeId = 2 });

        SaysWhy(second, data);
        await StillWorksAsync(first);
    }

    [Fact]
    public async Task One_of_two_shared_directories_is_enough_to_refuse()
    {
        using var place = new TempDirectory("twice");
        await using var first = await SiloProcess.StartAsync(new SiloLaunch(place.Combine("a"), place.Combine("b")));

        var second = await SiloProcess.RunRefusedAsync(new SiloLaunch(place.Combine("c"), place.Combine("b")) { NodeId = 2 });

        SaysWhy(second, place.Combine("b"));
        await StillWorksAsync(first);
    }

    [Fact]
    public async Task A_directory_of_another_node_id_is_refused()
    {
        using var place = new TempDirectory("node");
        var data = place.Combine("data");
        await using (var first = await SiloProcess.StartAsync(new SiloLaunch(data)))
        {
            await first.TerminateAsync();
        }

        SaysWhy(await SiloProcess.RunRefusedAsync(new SiloLaunch(data) { NodeId = 2 }), "node");
    }

    [Fact]
    public async Task A_second_silo_with_the_first_ones_node_id_and_ports_refuses_and_names_the_port()
    {
        using var place = new TempDirectory("ports");
        var launch = new SiloLaunch(place.Combine("a"));
        await using var first = await SiloProcess.StartAsync(launch);

        var second = await SiloProcess.RunRefusedAsync(launch with { DataDirectories = [place.Combine("b")] });

        SaysWhy(second, "port");
        await StillWorksAsync(first);
    }

    private static void SaysWhy(CommandResult refused, string reason)
    {
        Assert.True(refused.ExitCode is > 0 and < 128, $"exit code {refused.ExitCode}\n{refused.Output}");
        var lines = refused.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, $"one line on standard error, not {lines.Length}:\n{refused.StandardError}");
        Assert.Contains(reason, lines[0], StringComparison.OrdinalIgnoreCase);
    }

    private static async Task StillWorksAsync(SiloProcess silo)
    {
        await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
        await client.Admin.CreateTopicAsync("still-works", 1);
        Assert.Equal(0, (await client.SendAsync(new TopicPartition("still-works", 0), "yes")).Offset);
    }
}

using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>Two silos where one belongs: the second says why it will not start, in one line, and the first does not notice.</summary>
public class RefusalTests(FirstSilo first) : IClassFixture<FirstSilo>
{
    [Fact]
    public async Task A_second_silo_on_the_same_data_directories_refuses_and_names_one()
    {
        var second = await SiloProcess.RunRefusedAsync(new SiloLaunch([.. first.Launch.DataDirectories]) { NodeId = 2 });

        SaysWhy(second, first.Launch.DataDirectories[0]);
        await first.StillWorksAsync("same-directories");
    }

    [Fact]
    public async Task One_of_two_shared_directories_is_enough_to_refuse()
    {
        var second = await SiloProcess.RunRefusedAsync(new SiloLaunch(first.Place.Combine("c"), first.Launch.DataDirectories[1]) { NodeId = 2 });

        SaysWhy(second, first.Launch.DataDirectories[1]);
        await first.StillWorksAsync("one-directory");
    }

    [Fact]
    public async Task A_second_silo_with_the_first_ones_node_id_and_ports_refuses_and_names_the_port()
    {
        var second = await SiloProcess.RunRefusedAsync(first.Launch with { DataDirectories = [first.Place.Combine("d")] });

        SaysWhy(second, "port");
        await first.StillWorksAsync("same-ports");
    }

    private static void SaysWhy(CommandResult refused, string reason)
    {
        Assert.True(refused.ExitCode is > 0 and < 128, $"exit code {refused.ExitCode}\n{refused.Output}");
        var lines = refused.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, $"one line on standard error, not {lines.Length}:\n{refused.StandardError}");
        Assert.Contains(reason, lines[0], StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>The silo that was there first.</summary>
public sealed class FirstSilo : IAsyncLifetime
{
    private SiloProcess? _silo;

    public FirstSilo() => Launch = new SiloLaunch(Place.Combine("a"), Place.Combine("b"));

    public TempDirectory Place { get; } = new("twice");

    public SiloLaunch Launch { get; }

    public async Task InitializeAsync() => _silo = await SiloProcess.StartAsync(Launch);

    public async Task DisposeAsync()
    {
        await _silo!.DisposeAsync();
        Place.Dispose();
    }

    /// <summary>It takes records, and has them.</summary>
    internal async Task StillWorksAsync(string topic)
    {
        await using var client = await LogClient.ConnectAsync(Launch.BootstrapServers);
        await client.Admin.CreateTopicAsync(topic, 1);
        Assert.Equal(0, (await client.SendAsync(new TopicPartition(topic, 0), "yes")).Offset);
    }
}

using System.Text.Json;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cli.Tests;

/// <summary>The look at a cluster, against a real silo, over both doors.</summary>
public sealed class ClusterEndToEndTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private static readonly string Olog = Repository.Built("client/OrleansLog.Cli", "olog.dll");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_real_broker_is_listed_and_its_cluster_well(bool isOverKafka)
    {
        var topic = isOverKafka ? "over-kafka" : "over-orleans";
        await RunAsync(isOverKafka, "topic", "create", topic, "-p", "3");
        var broker = Parse(await RunAsync(isOverKafka, "broker", "list", "-o", "json"))[0];
        Assert.Equal((1, "up", true), (broker.GetProperty("broker").GetInt32(), broker.GetProperty("state").GetString(), broker.GetProperty("isController").GetBoolean()));
        Assert.Equal(silo.BootstrapServers, broker.GetProperty("listener").GetString());
        Assert.True(broker.GetProperty("leaders").GetInt32() >= 3);
        var status = Parse(await RunAsync(isOverKafka, "cluster", "status", "-o", "json"));
        Assert.True(status.GetProperty("isHealthy").GetBoolean());
        Assert.Equal(broker.GetProperty("replicas").GetInt32(), status.GetProperty("partitionCount").GetInt32());
        Assert.Equal("0 1 0 1 1 - - ok", string.Join(' ', (await RunAsync(isOverKafka, "topic", "describe", topic)).Lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task A_watched_cluster_ends_at_ctrl_c_with_130()
    {
        await using var olog = ChildProcess.Start("dotnet", [Olog, "cluster", "status", "--watch", "50ms", "--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient]);
        await olog.WaitForLineAsync(line => line == "all partitions are well");
        TestKit.Processes.Signals.Send(olog.Id, TestKit.Processes.Signals.Interrupt);
        Assert.Equal((int)ExitCode.Interrupted, await olog.WaitForExitAsync());
        Assert.Empty(olog.StandardError);
    }

    private static JsonElement Parse(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;

    private async Task<CliResult> RunAsync(bool isOverKafka, params string[] args) => (await CliHarness.RunAsync(
        [.. args, isOverKafka ? "--bootstrap-server" : "--gateway", isOverKafka ? silo.BootstrapServers : silo.Gateway, .. OlogArguments.Patient], [], new Connector())).Succeeded();
}

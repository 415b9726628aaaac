using System.Text;
using System.Text.Json;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cli.Tests;

/// <summary>Groups from the shell, against a real silo, over its Kafka socket.</summary>
public sealed class GroupEndToEndTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private static readonly string Olog = Repository.Built("client/OrleansLog.Cli", "olog.dll");

    [Fact]
    public async Task Groups_are_read_described_moved_and_deleted()
    {
        await RunAsync("topic", "create", "orders", "-p", "1");
        await ProduceAsync("a\nb\nc\nd\ne\n");
        Assert.Equal(["a", "b"], (await RunAsync("consume", "orders", "--group", "billing", "-n", "2")).Lines);
        Assert.Equal(["c", "d", "e"], (await RunAsync("consume", "orders", "--group", "billing", "--exit-at-end")).Lines);
        await ProduceAsync("f\n");
        Assert.Contains("billing", (await RunAsync("group", "list", "--state", "Empty")).Text, StringComparison.Ordinal);
        var described = Parse(await RunAsync("group", "describe", "billing", "-o", "json"))[0];
        Assert.Equal((1, 0), (described.GetProperty("lag").GetInt64(), described.GetProperty("members").GetArrayLength()));
        Assert.Equal(5, described.GetProperty("partitions")[0].GetProperty("currentOffset").GetInt64());
        var table = (await RunAsync("group", "describe", "billing")).Lines;
        Assert.StartsWith("GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG", Words(table[1]), StringComparison.Ordinal);
        Assert.Equal("billing orders 0 5 6 1 - - -", Words(table[2]));

        var plan = await RunAsync("group", "reset-offsets", "billing", "--topic", "orders", "--to-earliest", "--dry-run");
        Assert.Equal(["billing", "orders", "0", "5", "0"], plan.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["f"], (await RunAsync("consume", "orders", "--group", "billing", "--exit-at-end")).Lines);
        var done = Parse(await RunAsync("group", "reset-offsets", "billing", "--topic", "orders", "--shift-by", "-2", "--execute", "-o", "json"));
        Assert.True(done[0].GetProperty("executed").GetBoolean());
        Assert.Equal(["e", "f"], (await RunAsync("consume", "orders", "--group", "billing", "--exit-at-end")).Lines);

        await RunAsync("group", "delete-offsets", "billing", "--topic", "orders");
        await RunAsync("group", "delete", "billing");
        (await TryAsync("group", "describe", "billing")).Failed(ExitCode.NotFound, "billing");
        (await TryAsync("group", "delete", "billing")).Failed(ExitCode.NotFound, "GROUP_ID_NOT_FOUND");
        (await TryAsync("group", "reset-offsets", "billing", "--topic", "nowhere", "--to-latest")).Failed(ExitCode.NotFound, "nowhere");
        (await TryAsync("group", "reset-offsets", "billing", "--to-latest")).Failed(ExitCode.Usage, "say which partitions");
    }

    [Fact]
    public async Task A_member_in_another_process_is_shown_guarded_and_leaves_at_ctrl_c()
    {
        await RunAsync("topic", "create", "live", "-p", "2");
        await using var member = ChildProcess.Start("dotnet", [Olog, "consume", "live", "--group", "watchers", "--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient]);
        await ProduceAsync("now\n", "live");
        await member.WaitForLineAsync(line => line == "now");
        var described = Parse(await RunAsync("group", "describe", "watchers", "-o", "json"))[0];
        Assert.Equal(1, described.GetProperty("members").GetArrayLength());
        (await TryAsync("group", "delete", "watchers")).Failed(ExitCode.Error, "NON_EMPTY_GROUP");
        (await TryAsync("group", "reset-offsets", "watchers", "--topic", "live", "--to-earliest", "--execute")).Failed(ExitCode.Error, "stop them");
        await using var watch = ChildProcess.Start("dotnet", [Olog, "group", "describe", "watchers", "--watch", "50ms", "--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient]);
        await watch.WaitForLineAsync(line => line.StartsWith("group watchers  state Stable  members 1", StringComparison.Ordinal));
        await ProduceAsync("then\n", "live");
        await member.WaitForLineAsync(line => line == "then");
        TestKit.Processes.Signals.Send(watch.Id, TestKit.Processes.Signals.Interrupt);
        Assert.Equal((int)ExitCode.Interrupted, await watch.WaitForExitAsync());
        Assert.Empty(watch.StandardError);
        TestKit.Processes.Signals.Send(member.Id, TestKit.Processes.Signals.Interrupt);
        Assert.Equal((int)ExitCode.Interrupted, await member.WaitForExitAsync());
        described = Parse(await RunAsync("group", "describe", "watchers", "-o", "json"))[0];
        Assert.Equal((0, 0), (described.GetProperty("members").GetArrayLength(), described.GetProperty("lag").GetInt64()));
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static JsonElement Parse(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;

    private async Task ProduceAsync(string text, string topic = "orders") =>
        (await CliHarness.RunAsync(["produce", topic, "--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient], Encoding.UTF8.GetBytes(text), new Connector())).Succeeded();

    private async Task<CliResult> RunAsync(params string[] args) => (await TryAsync(args)).Succeeded();

    private Task<CliResult> TryAsync(params string[] args) => CliHarness.RunAsync([.. args, "--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient], [], new Connector());
}

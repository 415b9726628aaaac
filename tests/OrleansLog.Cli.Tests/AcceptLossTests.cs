using System.Text.Json;

namespace OrleansLog.Cli.Tests;

public class AcceptLossTests
{
    private static readonly string[] Command = ["partition", "accept-loss", "orders", "1", "--gateway", "127.0.0.1:30000"];

    private readonly MemoryBroker _broker = new();

    public AcceptLossTests()
    {
        _broker.AddTopic("orders", 2);
        _broker.Lose(new("orders", 1));
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_done_unless_yes_is_given()
    {
        (await CliHarness.RunAsync(Command, "yes\n"u8.ToArray())).Failed(ExitCode.Usage, "nothing was done, give --yes");
        var accepted = (await RunAsync("", false, "--yes")).Succeeded();
        Assert.Equal("accepted the loss of orders-1: broker 1 leads it in epoch 5\n", accepted.Text);
        Assert.Empty(accepted.Error);
    }

    [Fact]
    public async Task Over_kafkas_protocol_it_says_what_it_needs() =>
        (await CliHarness.RunAsync(["partition", "accept-loss", "orders", "1", "--yes"], [], _broker)).Failed(ExitCode.Usage, "name an Orleans gateway with --gateway");

    [Fact]
    public async Task At_a_terminal_it_says_what_is_given_up_and_takes_only_yes()
    {
        foreach (var no in (string[])["", "y\n", "no\n", "YES\n"])
        {
            var refused = await RunAsync(no, isTerminal: true);
            Assert.Equal((ExitCode.Error, ""), (refused.Code, refused.Text));
            Assert.Contains("orders-1 has no leader. Offline on: broker 1.", refused.Error, StringComparison.Ordinal);
            Assert.Contains("given up for good", refused.Error, StringComparison.Ordinal);
            Assert.Contains("olog: orders-1: not confirmed, nothing was done", refused.Error, StringComparison.Ordinal);
        }

        var accepted = (await RunAsync("yes\n", isTerminal: true, "-o", "json")).Succeeded();
        var document = JsonDocument.Parse(Assert.Single(accepted.Lines)).RootElement;
        Assert.Equal(("orders", 1), (document.GetProperty("topic").GetString(), document.GetProperty("partition").GetInt32()));
        Assert.Equal((1, 5), (document.GetProperty("leader").GetInt32(), document.GetProperty("leaderEpoch").GetInt32()));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_given_up_also_over_kafkas_protocol()
    {
        var planned = await CliHarness.RunAsync(["partition", "accept-loss", "orders", "1", "--dry-run"], [], _broker);
        Assert.Equal("would give up, for good, the records of orders-1 that no live broker has\n", planned.Succeeded().Text);
        (await CliHarness.RunAsync(["partition", "accept-loss", "orders", "0", "--dry-run"], [], _broker)).Failed(ExitCode.Error, "ELECTION_NOT_NEEDED");
        Assert.Contains("none", (await CliHarness.RunAsync(["topic", "describe", "orders"], [], _broker)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_accepted_is_told_before_anybody_is_asked()
    {
        (await Other("orders", "0")).Failed(ExitCode.Error, "orders-0: broker 1 leads it, nothing was done (ELECTION_NOT_NEEDED)");
        (await Other("orders", "2")).Failed(ExitCode.NotFound, "topic 'orders' has no partition 2; it has 0 to 1");
        (await Other("nope", "0")).Failed(ExitCode.NotFound, "there is no topic 'nope'");
        (await Other("orders", "one")).Failed(ExitCode.Usage, "'one'");
        _broker.IsRecoverable = false;
        (await Other("orders", "1", "--yes")).Failed(ExitCode.Error, "ELIGIBLE_LEADERS_NOT_AVAILABLE");

        Task<CliResult> Other(params string[] args) => CliHarness.RunAsync(["partition", "accept-loss", "--gateway", "127.0.0.1:30000", .. args], [], _broker, isTerminal: true);
    }

    private Task<CliResult> RunAsync(string input, bool isTerminal, params string[] more) =>
        CliHarness.RunAsync([.. Command, .. more], System.Text.Encoding.UTF8.GetBytes(input), _broker, isTerminal: isTerminal);
}

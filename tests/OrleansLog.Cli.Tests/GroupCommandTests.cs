using System.Text.Json;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

public class GroupCommandTests
{
    private static readonly TopicPartition Orders0 = new("orders", 0);
    private static readonly TopicPartition Orders1 = new("orders", 1);

    private readonly MemoryBroker _broker = new();

    public GroupCommandTests()
    {
        _broker.AddTopic("orders", 2);
        _broker.AddGroup("live", "orders", (Orders0, 2));
        _broker.AddGroup("idle", null, (Orders0, 1), (Orders1, 0));
    }

    [Fact]
    public async Task Groups_are_listed_with_their_state()
    {
        Assert.Equal(["GROUP  STATE   TYPE     PROTOCOL", "idle   Empty   classic  consumer", "live   Stable  classic  consumer"], (await RunAsync("group", "list")).Lines);
        Assert.Equal(2, (await RunAsync("group", "list", "--state", "Empty")).Lines.Length);
        Assert.Equal("live", Parse(await RunAsync("group", "list", "-o", "json"))[1].GetProperty("group").GetString());
        Assert.Equal("classic", Parse(await RunAsync("group", "list", "-o", "json"))[1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_group_is_described_with_offsets_lag_and_who_reads()
    {
        await ProduceAsync("a\nb\nc\nd\ne\n");
        var lines = (await RunAsync("group", "describe", "live")).Lines;
        Assert.Equal("group live  state Stable  members 1  assignor range  coordinator 1", lines[0]);
        Assert.Equal("GROUP  TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST       CLIENT-ID", lines[1]);
        Assert.Equal("live   orders  0          2               5               3    app-1        /10.0.0.9  app", lines[2]);
        Assert.Equal("live   orders  1          -               0               -    app-1        /10.0.0.9  app", lines[3]);
        Assert.Contains("live   app-1        -            /10.0.0.9  app        2           orders:0,1", (await RunAsync("group", "describe", "live", "--members")).Lines);
        var all = Parse(await RunAsync("group", "describe", "-o", "json"));
        Assert.Equal(4, all[0].GetProperty("lag").GetInt64());
        Assert.Equal(3, all[1].GetProperty("partitions")[0].GetProperty("lag").GetInt64());
        Assert.Equal("app-1", all[1].GetProperty("members")[0].GetProperty("consumerId").GetString());
        (await FailAsync("group", "describe", "nope")).Failed(ExitCode.NotFound, "olog: there is no group 'nope' (GROUP_ID_NOT_FOUND)");
    }

    [Fact]
    public async Task Watching_shows_it_again_until_it_is_interrupted()
    {
        using var stop = new CancellationTokenSource();
        using var output = new StopAfter("group live", 3, stop);
        var result = await CliHarness.RunAsync(["group", "describe", "live", "--watch", "1ms"], [], _broker, output, cancellationToken: stop.Token);
        Assert.Equal(ExitCode.Interrupted, result.Code);
        Assert.True(output.Seen >= 3);
    }

    [Theory]
    [InlineData(0, "--to-earliest")]
    [InlineData(5, "--to-latest")]
    [InlineData(4, "--to-offset", "4")]
    [InlineData(5, "--to-offset", "400")]
    [InlineData(3, "--shift-by", "2")]
    [InlineData(0, "--shift-by", "-2")]
    [InlineData(1, "--to-current")]
    [InlineData(0, "--to-datetime", "2023-01-01T00:00:00Z")]
    [InlineData(5, "--to-datetime", "2024-01-01T00:00:00Z")]
    [InlineData(5, "--by-duration", "1h")]
    public async Task Offsets_are_only_moved_on_demand(long expected, params string[] target)
    {
        await ProduceAsync("a\nb\nc\nd\ne\n");
        string[] command = ["group", "reset-offsets", "idle", "--topic", "orders:0", .. target];
        var planned = await RunAsync(command);
        Assert.Equal(["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "NEW-OFFSET"], planned.Lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["idle", "orders", "0", "1", $"{expected}"], planned.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("--execute", planned.Error, StringComparison.Ordinal);
        Assert.Equal(1, _broker.Committed("idle", Orders0));
        var done = await RunAsync([.. command, "--execute", "-o", "json"]);
        Assert.True(Parse(done)[0].GetProperty("executed").GetBoolean());
        Assert.Equal(expected, _broker.Committed("idle", Orders0));
        Assert.Equal(0, _broker.Committed("idle", Orders1));
    }

    [Fact]
    public async Task Offsets_come_from_a_file_and_are_moved_on_demand()
    {
        await ProduceAsync("a\nb\nc\nd\ne\n");
        using var directory = new TempDirectory("offsets");
        var file = directory.Combine("offsets.csv");
        await File.WriteAllTextAsync(file, "orders,1,70\n\n\"orders\",0,4\n");
        string[] command = ["group", "reset-offsets", "idle", "--from-file", file];
        var planned = await RunAsync(command);
        Assert.Equal(["idle orders 0 1 4", "idle orders 1 0 0"], planned.Lines.Skip(1).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal(1, _broker.Committed("idle", Orders0));
        await RunAsync([.. command, "--execute"]);
        Assert.Equal(4, _broker.Committed("idle", Orders0));
        (await FailAsync("group", "reset-offsets", "live", "--from-file", file, "--execute")).Failed(ExitCode.Error, "stop them");
        (await FailAsync([.. command, "--all-topics"])).Failed(ExitCode.Usage, "--from-file says itself which partitions");
        (await FailAsync([.. command, "--to-latest"])).Failed(ExitCode.Usage, "say where to, once");
    }

    [Theory]
    [InlineData("line 2: 'orders,x,1' is not TOPIC,PARTITION,OFFSET", "orders,0,1\norders,x,1\n", (int)ExitCode.Error)]
    [InlineData("line 1: 'orders,0' is not", "orders,0", (int)ExitCode.Error)]
    [InlineData("line 2: orders-0 was named before", "orders,0,1\norders,0,2\n", (int)ExitCode.Error)]
    [InlineData("no offsets in it", "\n", (int)ExitCode.Error)]
    [InlineData("topic 'orders' has no partition 7; it has 0 to 1", "orders,7,1\n", (int)ExitCode.NotFound)]
    [InlineData("there is no topic 'nope'", "nope,0,1\n", (int)ExitCode.NotFound)]
    public async Task A_file_that_says_something_wrong_moves_nothing(string words, string text, int code)
    {
        using var directory = new TempDirectory("offsets");
        var file = directory.Combine("offsets.csv");
        await File.WriteAllTextAsync(file, text);
        (await FailAsync("group", "reset-offsets", "idle", "--from-file", file, "--execute")).Failed((ExitCode)code, words);
        Assert.Equal(1, _broker.Committed("idle", Orders0));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_found() =>
        (await FailAsync("group", "reset-offsets", "idle", "--from-file", "/nowhere/offsets.csv")).Failed(ExitCode.NotFound, "/nowhere/offsets.csv: no such file");

    [Fact]
    public async Task A_group_with_members_is_left_alone()
    {
        (await FailAsync("group", "reset-offsets", "live", "--all-topics", "--to-earliest", "--execute")).Failed(ExitCode.Error, "stop them");
        (await FailAsync("group", "delete", "live")).Failed(ExitCode.Error, "NON_EMPTY_GROUP");
        (await FailAsync("group", "delete-offsets", "live", "--topic", "orders")).Failed(ExitCode.Error, "GROUP_SUBSCRIBED_TO_TOPIC");
        Assert.Equal(2, _broker.Committed("live", Orders0));
    }

    [Fact]
    public async Task Groups_and_their_offsets_are_deleted()
    {
        Assert.Equal(["would forget the offset of group idle for orders-1"], (await RunAsync("group", "delete-offsets", "idle", "--topic", "orders:1", "--dry-run")).Lines);
        Assert.StartsWith("would delete group idle with its offsets of ", Assert.Single((await RunAsync("group", "delete", "idle", "--dry-run")).Lines), StringComparison.Ordinal);
        (await FailAsync("group", "delete", "live", "--dry-run")).Failed(ExitCode.Error, "NON_EMPTY_GROUP");
        Assert.Equal(["deleted the offset of group idle for orders-1"], (await RunAsync("group", "delete-offsets", "idle", "--topic", "orders:1")).Lines);
        Assert.Equal(["deleted group idle"], (await RunAsync("group", "delete", "idle")).Lines);
        (await FailAsync("group", "delete", "idle")).Failed(ExitCode.NotFound, "GROUP_ID_NOT_FOUND");
        (await FailAsync("group", "delete-offsets", "live", "--topic", "none")).Failed(ExitCode.NotFound, "no offsets of none");
    }

    [Theory]
    [InlineData("say where to", "idle", "--topic", "orders")]
    [InlineData("say where to", "idle", "--topic", "orders", "--to-latest", "--to-earliest")]
    [InlineData("say which partitions", "idle", "--to-latest")]
    [InlineData("exclude each other", "idle", "--all-topics", "--to-latest", "--execute", "--dry-run")]
    [InlineData("TOPIC:N", "idle", "--topic", "orders:x", "--to-latest")]
    [InlineData("not a time", "idle", "--topic", "orders", "--to-datetime", "noon")]
    [InlineData("not a length of time", "idle", "--topic", "orders", "--by-duration", "5")]
    [InlineData("'-5' is not a whole number from 0", "idle", "--topic", "orders", "--to-offset", "-5")]
    public async Task A_reset_that_is_not_clear_is_refused(string words, params string[] rest) =>
        (await FailAsync(["group", "reset-offsets", .. rest])).Failed(ExitCode.Usage, words);

    [Fact]
    public async Task Consuming_as_a_group_goes_on_where_it_stopped()
    {
        await ProduceAsync("a\nb\nc\n");
        Assert.Equal(["a", "b"], (await RunAsync("consume", "orders", "--group", "new", "-n", "2")).Lines);
        Assert.Equal(2, _broker.Committed("new", Orders0));
        Assert.Equal(["c"], (await RunAsync("consume", "orders", "--group", "new", "--exit-at-end")).Lines);
        Assert.Equal(3, _broker.Committed("new", Orders0));
        Assert.Empty((await RunAsync("consume", "orders", "--group", "late", "--from", "end", "--exit-at-end")).Lines);
        (await FailAsync("consume", "orders", "--group", "g", "--partition", "0")).Failed(ExitCode.Usage, "--partition");
        (await FailAsync("consume", "orders", "--group", "g", "--from", "7")).Failed(ExitCode.Usage, "reset-offsets");
    }

    private static JsonElement Parse(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;

    private async Task ProduceAsync(string text) =>
        (await CliHarness.RunAsync(["produce", "orders", "-p", "0", "-t", "1700000000000"], System.Text.Encoding.UTF8.GetBytes(text), _broker)).Succeeded();

    private async Task<CliResult> RunAsync(params string[] args) => (await FailAsync(args)).Succeeded();

    private Task<CliResult> FailAsync(params string[] args) => CliHarness.RunAsync(args, [], _broker);
}

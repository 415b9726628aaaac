using System.Text.Json;

namespace OrleansLog.Cli.Tests;

public class AdminCommandTests
{
    private readonly MemoryBroker _broker = new();

    public AdminCommandTests() => _broker.AddTopic("orders", 2);

    [Fact]
    public async Task A_topic_is_created_described_grown_and_deleted()
    {
        Assert.Equal("created topic t: 4 partitions, replication 1\n", (await RunAsync("topic", "create", "t", "-p", "4", "-c", "retention.ms=5")).Text);
        Assert.Contains("retention.ms=5", (await RunAsync("topic", "describe", "t")).Text, StringComparison.Ordinal);
        Assert.Equal("altered topic t: 6 partitions, 4 before; a=b\n", (await RunAsync("topic", "alter", "t", "-p", "6", "-c", "a=b")).Text);
        Assert.Equal("deleted topic t\n", (await RunAsync("topic", "delete", "t")).Text);
        Assert.Equal(["TOPIC   PARTITIONS  REPLICATION", "orders  2           1"], (await RunAsync("topic", "list")).Lines);
    }

    [Fact]
    public async Task What_exists_is_an_error_unless_it_was_said_not_to_be()
    {
        (await FailAsync("topic", "create", "orders")).Failed(ExitCode.Error, "topic 'orders'");
        (await FailAsync("topic", "create", "orders")).Failed(ExitCode.Error, "(TOPIC_ALREADY_EXISTS)");
        Assert.Equal("topic orders exists already\n", (await RunAsync("topic", "create", "orders", "--if-not-exists")).Text);
        (await FailAsync("topic", "delete", "nope")).Failed(ExitCode.NotFound, "topic 'nope'");
        Assert.Equal("topic nope does not exist\n", (await RunAsync("topic", "delete", "nope", "--if-exists")).Text);
        (await FailAsync("topic", "create", "orders", "new")).Failed(ExitCode.Error, "1 of 2 topics refused: topic 'orders' exists already");
    }

    [Theory]
    [InlineData("topic", "describe", "nope")]
    [InlineData("topic", "alter", "nope", "-p", "2")]
    [InlineData("topic", "delete", "nope")]
    [InlineData("topic", "delete", "nope", "--dry-run")]
    [InlineData("offsets", "nope")]
    [InlineData("records", "delete", "nope", "--before", "end")]
    [InlineData("config", "describe", "-t", "nope")]
    [InlineData("partition", "accept-loss", "nope", "0", "--yes", "-g", "127.0.0.1:30000")]
    public async Task A_topic_that_is_not_there_is_told_in_the_same_words_everywhere(params string[] args) =>
        (await FailAsync(args)).Failed(ExitCode.NotFound, "olog: there is no topic 'nope' (UNKNOWN_TOPIC_OR_PARTITION)");

    [Fact]
    public async Task A_change_is_told_with_what_was_before_and_a_dry_run_changes_nothing()
    {
        Assert.Equal("altered topic orders: a=b\n", (await RunAsync("topic", "alter", "orders", "-c", "a=b")).Text);
        Assert.Equal(
            "would alter topic orders: 3 partitions, 2 before; max.message.bytes=9, by default 1048588; a back to its default, b before\n",
            (await RunAsync("topic", "alter", "orders", "-p", "3", "-c", "max.message.bytes=9", "--unset", "a", "--dry-run")).Text);
        Assert.Equal("would change the configuration of topic 'orders': a=c, b before\n", (await RunAsync("config", "set", "-t", "orders", "a=c", "--dry-run")).Text);
        Assert.Equal("would change the configuration of topic 'orders': a back to its default, b before\n", (await RunAsync("config", "unset", "-t", "orders", "a", "--dry-run")).Text);
        (await FailAsync("config", "set", "-t", "orders", "no.such.key=1", "--dry-run")).Failed(ExitCode.Error, "INVALID_CONFIG");
        Assert.Equal("would create topic new\n", (await RunAsync("topic", "create", "new", "--dry-run")).Text);
        Assert.Equal(["TOPIC   PARTITIONS  REPLICATION", "orders  2           1"], (await RunAsync("topic", "list")).Lines);
        Assert.Contains("a    b      topic", (await RunAsync("config", "describe", "-t", "orders")).Lines);
    }

    [Fact]
    public async Task A_topic_that_cannot_grow_keeps_its_configuration()
    {
        (await FailAsync("topic", "alter", "orders", "-p", "1", "-c", "a=b")).Failed(ExitCode.Error, "topic 'orders'");
        Assert.DoesNotContain("topic", (await RunAsync("config", "describe", "-t", "orders")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_shows_what_would_go_and_nothing_goes()
    {
        Assert.Equal("would delete topic orders with all records of its 2 partitions\n", (await RunAsync("topic", "delete", "orders", "--dry-run")).Text);
        Assert.Equal(["would delete the records before offset 2 of orders-1"], (await RunAsync("records", "delete", "orders", "-p", "1", "--before", "2", "--dry-run")).Lines);
        Assert.Equal("delete all records of orders-0", Parse(await RunAsync("records", "delete", "orders", "--before", "end", "--dry-run", "-o", "json"))[0].GetProperty("would").GetString());
        (await FailAsync("topic", "delete", "nope", "--dry-run")).Failed(ExitCode.NotFound, "topic 'nope'");
        Assert.Equal(["TOPIC   PARTITIONS  REPLICATION", "orders  2           1"], (await RunAsync("topic", "list")).Lines);
    }

    [Theory]
    [InlineData("yes\n", true)]
    [InlineData("y\n", false)]
    [InlineData("", false)]
    public async Task At_a_terminal_only_a_typed_yes_deletes(string answer, bool deletes)
    {
        var result = await CliHarness.RunAsync(["topic", "delete", "orders", "--gateway", "127.0.0.1:30000"], System.Text.Encoding.UTF8.GetBytes(answer), _broker, isTerminal: true);

        Assert.Equal(deletes ? ExitCode.Ok : ExitCode.Error, result.Code);
        Assert.Contains("would delete topic orders with all records of its 2 partitions", result.Error, StringComparison.Ordinal);
        Assert.Equal(deletes, (await RunAsync("topic", "list")).Lines.Length < 2);
    }

    [Fact]
    public async Task At_a_terminal_nothing_is_asked_where_yes_was_said() =>
        Assert.Equal("deleted topic orders\n", (await CliHarness.RunAsync(["topic", "delete", "orders", "-y", "--gateway", "127.0.0.1:30000"], [], _broker, isTerminal: true)).Text);

    [Fact]
    public async Task A_name_that_begins_with_a_dash_goes_behind_two()
    {
        _broker.AddTopic("-odd", 1);
        Assert.Equal("deleted topic -odd\n", (await RunAsync("topic", "delete", "--", "-odd")).Text);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    public async Task A_name_that_cannot_be_is_refused_by_the_broker(string name) =>
        (await FailAsync("topic", "create", name)).Failed(ExitCode.Error, "INVALID_TOPIC_EXCEPTION");

    [Fact]
    public async Task Json_is_one_document_with_names_that_stay()
    {
        var topics = Parse(await RunAsync("topic", "describe", "orders", "-o", "json"));
        Assert.Equal("orders", topics[0].GetProperty("name").GetString());
        Assert.Equal(1, topics[0].GetProperty("partitions")[1].GetProperty("leader").GetInt32());
        var failed = await FailAsync("topic", "create", "orders", "-o", "json");
        Assert.Equal("TOPIC_ALREADY_EXISTS", Parse(failed)[0].GetProperty("error").GetString());
        Assert.Equal(ExitCode.Error, failed.Code);
    }

    [Fact]
    public async Task Configuration_is_set_shown_with_its_source_and_taken_back()
    {
        Assert.Contains("retention.ms  7      topic", (await RunAsync("config", "set", "-t", "orders", "retention.ms=7")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("max.message.bytes", (await RunAsync("config", "describe", "-t", "orders")).Text, StringComparison.Ordinal);
        Assert.Contains("max.message.bytes  1048588  default  Largest batch.", (await RunAsync("config", "describe", "-t", "orders", "-a", "-d")).Text, StringComparison.Ordinal);
        await RunAsync("config", "unset", "-t", "orders", "retention.ms");
        Assert.DoesNotContain("retention.ms", (await RunAsync("config", "describe", "-t", "orders")).Text, StringComparison.Ordinal);
        (await FailAsync("config", "set", "-t", "orders", "no.such.key=1")).Failed(ExitCode.Error, "'no.such.key' is not a key (INVALID_CONFIG)");
    }

    [Fact]
    public async Task Offsets_are_listed_by_end_and_by_time_and_move_with_deleted_records()
    {
        await CliHarness.RunAsync(["produce", "orders", "-p", "1", "-t", "1700000000000"], "a\nb\nc\n"u8.ToArray(), _broker);
        Assert.Equal(["PARTITION  EARLIEST  LATEST  RECORDS", "0          0         0       0", "1          0         3       3"], (await RunAsync("offsets", "orders")).Lines);
        Assert.Contains("1          0       1700000000000  2023-11-14T22:13:20.000Z", (await RunAsync("offsets", "orders", "--at", "2023-11-01")).Lines);
        Assert.Contains("1          none    -          -", (await RunAsync("offsets", "orders", "--at", "2024-01-01")).Lines);
        Assert.Contains("1          2         ok", (await RunAsync("records", "delete", "orders", "-p", "1", "--before", "2")).Lines);
        Assert.Equal(2, Parse(await RunAsync("offsets", "orders", "-p", "1", "-o", "json"))[0].GetProperty("earliest").GetInt64());
        (await FailAsync("records", "delete", "orders", "-p", "1", "--before", "9")).Failed(ExitCode.NotFound, "orders-1");
        Assert.Contains("1          3         ok", (await RunAsync("records", "delete", "orders", "-p", "1", "--before", "end")).Lines);
    }

    [Fact]
    public async Task The_cluster_and_its_directories_are_shown()
    {
        Assert.Contains("cluster AAAAAAAAAAAAAAAAAAAAAQ  controller 1  metadata version 7", (await RunAsync("cluster", "describe")).Lines);
        Assert.Equal(1, Parse(await RunAsync("cluster", "describe", "-o", "json")).GetProperty("brokers")[0].GetProperty("id").GetInt32());
        Assert.Contains("BROKER  STATE  ROLE        LISTENER  SILO               EPOCH", (await RunAsync("cluster", "describe")).Lines);
        _broker.Brokers = [new() { Id = 1, SiloAddress = "", Rack = "a" }];
        Assert.Contains("BROKER  STATE  ROLE        LISTENER  RACK", (await RunAsync("cluster", "describe")).Lines);
        var directories = await RunAsync("log-dirs");
        Assert.Contains("online  500 B free of 1.00 kB", directories.Text, StringComparison.Ordinal);
        Assert.Contains("OFFLINE: input/output error (KAFKA_STORAGE_ERROR)", directories.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(1_250_000, "1.25 MB")]
    [InlineData(99_960, "100 kB")]
    [InlineData(12_345_678_901, "12.3 GB")]
    public void Sizes_have_three_digits(double bytes, string text) => Assert.Equal(text, Sizes.Format(bytes));

    private static JsonElement Parse(CliResult result) => JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;

    private Task<CliResult> FailAsync(params string[] args) => CliHarness.RunAsync(args, [], _broker);

    private async Task<CliResult> RunAsync(params string[] args) => (await FailAsync(args)).Succeeded();
}

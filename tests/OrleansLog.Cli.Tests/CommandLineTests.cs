using System.CommandLine;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("'topik' is no command of 'olog'; did you mean topic? See 'olog --help'", "topik")]
    [InlineData("'lst' is no command of 'olog topic'; did you mean list?", "topic", "lst")]
    [InlineData("'frobnicate' is no command of 'olog topic'; there are: create, list", "topic", "frobnicate")]
    [InlineData("'help' is no command of 'olog'; did you mean --help?", "help")]
    [InlineData("'olog topic' needs a command: create, list, describe, alter, delete", "topic")]
    [InlineData("'extra' is one argument too many", "topic", "list", "extra")]
    [InlineData("GROUP is missing", "group", "delete")]
    [InlineData("PARTITION is missing", "partition", "accept-loss", "t")]
    [InlineData("--partitions needs a value: N", "topic", "create", "t", "-p")]
    [InlineData("'40000' is not a whole number from 1 to 32767", "topic", "create", "t", "-r", "40000")]
    [InlineData("PARTITION: 'x' is not a whole number from 0", "partition", "accept-loss", "t", "x")]
    [InlineData("--partition: '-1' is not a whole number from 0", "consume", "t", "-p", "-1")]
    [InlineData("--partition: '1a' is not a whole number from 0", "consume", "t", "-p", "0", "-p", "1a")]
    [InlineData("--max-messages: '99999999999999999999' is not a whole number from 0 to 9223372036854775807", "consume", "t", "-n", "99999999999999999999")]
    [InlineData("--batch-bytes: '1k' is not a whole number from 1024 to 1073741824", "produce", "t", "--batch-bytes", "1k")]
    [InlineData("--max-record-bytes: '0'", "produce", "t", "--max-record-bytes", "0")]
    [InlineData("--buffer-bytes: 5000 is less than one batch has", "produce", "t", "--buffer-bytes", "5000")]
    [InlineData("--compression-level: gzip has no level 99", "produce", "t", "-z", "gzip", "--compression-level", "99")]
    [InlineData("--compression-level needs a codec", "produce", "t", "--compression-level", "5")]
    [InlineData("--delivery-timeout is shorter than --linger", "produce", "t", "--linger", "5m", "--delivery-timeout", "1m")]
    [InlineData("--linger: 1h is too long; at most 15m", "produce", "t", "--linger", "1h")]
    [InlineData("--compression: 'brotli' is none of none, gzip, snappy, lz4, zstd", "produce", "t", "-z", "brotli")]
    [InlineData("--state: 'stable' is none of Empty", "group", "list", "--state", "stable")]
    [InlineData("olog topic create --help", "topic", "create")]
    [InlineData("--partitions", "topic", "create", "t", "--partitions", "0")]
    [InlineData("--partitions: 'many' is not a whole number", "topic", "create", "t", "--partitions", "many")]
    [InlineData("'--dryrun' is no option of this command; did you mean --dry-run?", "topic", "delete", "t", "--dryrun")]
    [InlineData("'--force' is no option of this command", "topic", "delete", "t", "--force")]
    [InlineData("'-f' is no option of this command", "group", "delete", "-f", "g")]
    [InlineData("did you mean --partitions?", "topic", "create", "x", "--partition", "1")]
    [InlineData("did you mean --partitions?", "topic", "create", "x", "--partition=1")]
    [InlineData("'--topics' is no option of this command; did you mean --topic?", "config", "set", "--topics", "t", "a=b")]
    [InlineData("is not KEY=VALUE", "topic", "create", "t", "--config", "retention")]
    [InlineData("nothing to alter", "topic", "alter", "t")]
    [InlineData("--topic TOPIC, --broker ID and --all-brokers", "config", "describe")]
    [InlineData("--topic TOPIC, --broker ID and --all-brokers", "config", "describe", "--topic", "t", "--broker", "1")]
    [InlineData("whose configuration?", "config", "set", "--all-brokers", "--broker", "1", "a=b")]
    [InlineData("'yaml'", "topic", "list", "-o", "yaml")]
    [InlineData("is not HOST:PORT", "topic", "list", "--gateway", "localhost")]
    [InlineData("is not HOST:PORT", "topic", "list", "--gateway", "localhost:99999")]
    [InlineData("is not HOST:PORT", "topic", "list", "--bootstrap-server", "localhost")]
    [InlineData("not both", "topic", "list", "--bootstrap-server", "localhost:1", "--gateway", "localhost:2")]
    [InlineData("is not a time", "topic", "list", "--connect-timeout", "soon")]
    [InlineData("unknown field", "consume", "t", "--format", "%q")]
    [InlineData("no position", "consume", "t", "--from", "now")]
    [InlineData("'brotli'", "produce", "t", "-z", "brotli")]
    [InlineData("'2'", "produce", "t", "--acks", "2")]
    [InlineData("must not be empty", "produce", "t", "--delimiter", "")]
    [InlineData("is no offset", "records", "delete", "t", "--before", "-5")]
    [InlineData("is not a time", "offsets", "t", "--at", "42")]
    public async Task A_wrong_command_line_is_told_in_one_line_and_exits_with_2(string words, params string[] args) =>
        (await CliHarness.RunAsync(args)).Failed(ExitCode.Usage, words);

    [Fact]
    public async Task No_type_of_dotnet_is_in_an_error()
    {
        using var io = new CliIo { In = Stream.Null, Out = Stream.Null, Error = TextWriter.Null };
        foreach (var (path, command) in Leaves(OlogCommand.Build(io, new Connector()), []))
        {
            foreach (var option in command.Options.Where(option => option.HelpName is not null))
            {
                var result = await CliHarness.RunAsync([.. path, option.Name, "%"], [], new MemoryBroker());
                Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
                Assert.DoesNotContain("unexpected", result.Error, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("topic", "--help")]
    [InlineData("produce", "--help")]
    [InlineData("--version")]
    public async Task Help_and_version_need_no_broker(params string[] args) =>
        Assert.NotEmpty((await CliHarness.RunAsync(args)).Succeeded().Output);

    [Fact]
    public async Task No_silo_at_the_gateway_is_told_at_once_and_exits_with_3()
    {
        var gateway = $"127.0.0.1:{FreePorts.Take(1)[0]}";
        var result = await CliHarness.RunAsync(["topic", "list", "--gateway", gateway], [], new Connector());
        result.Failed(ExitCode.CannotConnect, $"no silo answers at {gateway} (connection refused)");
    }

    [Fact]
    public async Task No_broker_at_the_address_is_told_at_once_and_exits_with_3()
    {
        var address = $"127.0.0.1:{FreePorts.Take(1)[0]}";
        var result = await CliHarness.RunAsync(["topic", "list", "--bootstrap-server", address], [], new Connector());
        result.Failed(ExitCode.CannotConnect, $"no broker answers at {address} (connection refused)");
    }

    [Fact]
    public async Task Ctrl_c_exits_with_130_and_without_a_word()
    {
        using var pressed = new CancellationTokenSource();
        await pressed.CancelAsync();
        var result = await CliHarness.RunAsync(["log", "dump", Golden.PathOf("logs", "clean", "codec-none-0")], [], cancellationToken: pressed.Token);
        Assert.Equal(ExitCode.Interrupted, result.Code);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_reader_that_went_away_is_no_error()
    {
        using var closed = new ClosedStream();
        var result = await CliHarness.RunAsync(["log", "dump", "-r", Golden.PathOf("logs", "clean", "codec-none-0")], [], output: closed);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Empty(result.Error);
    }

    private static IEnumerable<(string[] Path, Command Command)> Leaves(Command command, string[] path) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(inner => Leaves(inner, [.. path, inner.Name]));

    private sealed class ClosedStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new ClosedOutputException();

        public override void Write(ReadOnlySpan<byte> buffer) => throw new ClosedOutputException();
    }
}

using System.Globalization;
using System.Text.Json;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cli.Tests;

/// <summary>A silo of its own for the tests of this file.</summary>
public sealed class RunningSilo : IAsyncLifetime
{
    private readonly TempDirectory _data = new("cli-silo");
    private SiloProcess? _silo;

    public string Gateway => _silo!.Gateway;

    public string BootstrapServers => _silo!.Launched.BootstrapServers;

    public string DataDirectory => _data.Combine("data");

    public async Task InitializeAsync() => _silo = await SiloProcess.StartAsync(new SiloLaunch(DataDirectory)
    {
        // A group's first member need not wait for others.
        Settings = new Dictionary<string, string> { ["group.initial.rebalance.delay.ms"] = "0" },
    });

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _data.Dispose();
    }
}

/// <summary>olog as a user has it, against a real silo.</summary>
public sealed class EndToEndTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private static readonly string Olog = Repository.Built("client/OrleansLog.Cli", "olog.dll");

    [Fact]
    public async Task A_real_text_file_comes_back_byte_for_byte_and_its_segment_is_good()
    {
        byte[] file = [.. Repository.SourceFiles("grains").SelectMany(File.ReadAllBytes), .. "no newline at the end"u8];
        await RunAsync([], "topic", "create", "sources", "-p", "1");
        var produced = JsonDocument.Parse((await RunAsync(file, "produce", "sources", "-o", "json")).Output).RootElement;
        Assert.Equal(file.Length, produced.GetProperty("bytes").GetInt64());
        Assert.Equal(file, (await RunAsync([], "consume", "sources", "-e")).Output);
        var dumped = await RunAsync([], "log", "dump", "--check", Path.Combine(silo.DataDirectory, "sources-0"));
        Assert.Contains(Sizes.Count(produced.GetProperty("records").GetInt64(), "record"), dumped.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_read_from_an_offset_from_the_last_ones_and_from_a_moment()
    {
        await RunAsync([], "topic", "create", "moments", "-p", "1");
        await RunAsync("a\nb\nc\n"u8.ToArray(), "produce", "moments");
        var last = JsonDocument.Parse((await RunAsync([], "consume", "moments", "--from", "-1", "-e", "-o", "json")).Lines[0]).RootElement;
        var after = (last.GetProperty("timestamp").GetInt64() + 1).ToString(CultureInfo.InvariantCulture);
        await RunAsync("d\ne"u8.ToArray(), "produce", "moments", "-t", after);
        Assert.Equal("c\nd\ne", (await RunAsync([], "consume", "moments", "--from", "2", "-e")).Text);
        Assert.Equal("e", (await RunAsync([], "consume", "moments", "--from", "-1", "-e")).Text);
        Assert.Equal("d\ne", (await RunAsync([], "consume", "moments", "--from", after, "-e")).Text);
        Assert.Contains("0          3", (await RunAsync([], "offsets", "moments", "--at", after)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_over_the_topics_limit_is_refused_with_its_line()
    {
        await RunAsync([], "topic", "create", "small", "-p", "1", "-c", "max.message.bytes=2000");
        byte[] input = [.. "first\n"u8, .. new byte[1990], .. "\n"u8];
        var result = await CliHarness.RunAsync(["produce", "small", "-g", silo.Gateway, .. OlogArguments.Patient], input, new Connector());
        result.Failed(ExitCode.RecordTooLarge, "line 2:");
        Assert.Equal("first\n", (await RunAsync([], "consume", "small", "-e")).Text);
    }

    [Fact]
    public async Task Every_codec_comes_back()
    {
        await RunAsync([], "topic", "create", "codecs", "-p", "1");
        foreach (var codec in (string[])["none", "gzip", "snappy", "lz4", "zstd"])
        {
            await RunAsync(System.Text.Encoding.UTF8.GetBytes(codec + "\n"), "produce", "codecs", "-z", codec);
        }

        Assert.Equal(["none", "gzip", "snappy", "lz4", "zstd"], (await RunAsync([], "consume", "codecs", "-e")).Lines);
    }

    [Fact]
    public async Task A_consumer_that_follows_shows_each_record_at_once_and_ends_at_ctrl_c_with_130()
    {
        await RunAsync([], "topic", "create", "followed", "-p", "1");
        await using var olog = ChildProcess.Start("dotnet", [Olog, "consume", "followed", "-g", silo.Gateway, .. OlogArguments.Patient]);
        await RunAsync("now\n"u8.ToArray(), "produce", "followed");
        await olog.WaitForLineAsync(line => line == "now");
        TestKit.Processes.Signals.Send(olog.Id, 2);
        Assert.Equal((int)ExitCode.Interrupted, await olog.WaitForExitAsync());
        Assert.Empty(olog.StandardError);
    }

    [Fact]
    public async Task A_pipe_that_is_closed_early_ends_it_without_a_word()
    {
        await RunAsync([], "topic", "create", "headed", "-p", "1");
        await RunAsync([.. Enumerable.Repeat((byte)'\n', 500_000)], "produce", "headed");
        var shell = await ChildProcess.RunAsync("bash", ["-c", $"set -o pipefail; dotnet {Olog} consume headed -g {silo.Gateway} {string.Join(' ', OlogArguments.Patient)} | head -1"]);
        Assert.Equal((0, ""), (shell.ExitCode, shell.StandardError));
    }

    [Fact]
    public async Task What_the_broker_refuses_is_told_in_its_words()
    {
        await FailsAsync(ExitCode.NotFound, "topic 'nope'", "topic", "describe", "nope");
        await FailsAsync(ExitCode.Error, "INVALID_TOPIC_EXCEPTION", "topic", "create", "a/b");
        await FailsAsync(ExitCode.Error, "INVALID_TOPIC_EXCEPTION", "topic", "create", new string('x', 300));
        await FailsAsync(ExitCode.Error, "INVALID_CONFIG", "topic", "create", "ok", "-c", "no.such.key=1");
        await FailsAsync(ExitCode.Error, "INVALID_REPLICATION_FACTOR", "topic", "create", "ok", "-r", "3");
    }

    [Fact]
    public async Task Configuration_of_all_brokers_is_set_shown_and_taken_back()
    {
        string[] kafka = ["--bootstrap-server", silo.BootstrapServers, .. OlogArguments.Patient];
        await RunAsync([], "config", "set", "--all-brokers", "log.retention.ms=86400001");
        Assert.Contains("log.retention.ms  86400001", (await RunAsync([], "config", "describe", "--all-brokers")).Text, StringComparison.Ordinal);
        Assert.Contains("all brokers", (await RunAsync([], "config", "describe", "--broker", "1")).Text, StringComparison.Ordinal);
        var back = (await CliHarness.RunAsync(["config", "unset", "--all-brokers", "log.retention.ms", .. kafka], [], new Connector())).Succeeded();
        Assert.Equal("changed the configuration of all brokers: log.retention.ms back to its default, 86400001 before\n", back.Text);
        Assert.DoesNotContain("log.retention.ms", (await RunAsync([], "config", "describe", "--all-brokers")).Text, StringComparison.Ordinal);
    }

    private async Task FailsAsync(ExitCode code, string words, params string[] args) =>
        (await CliHarness.RunAsync([.. args, "-g", silo.Gateway, .. OlogArguments.Patient], [], new Connector())).Failed(code, words);

    private async Task<CliResult> RunAsync(byte[] input, params string[] args) =>
        (await CliHarness.RunAsync([.. args, "-g", silo.Gateway, .. OlogArguments.Patient], input, new Connector())).Succeeded();
}

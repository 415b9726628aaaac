using System.Text;
using System.Text.Json;
using CsCheck;
using OrleansLog.Protocol;

namespace OrleansLog.Cli.Tests;

/// <summary>produce and consume, held together at a broker of lists.</summary>
public class ProduceConsumeTests
{
    private readonly MemoryBroker _broker = new();

    public ProduceConsumeTests() => _broker.AddTopic("t", 1);

    [Theory]
    [InlineData("one\ntwo\n")]
    [InlineData("one\ntwo")]
    [InlineData("\n\n\none\r\n\r\n")]
    [InlineData("")]
    [InlineData("no newline at all")]
    public async Task What_goes_in_comes_out(string text)
    {
        (await ProduceAsync(Encoding.UTF8.GetBytes(text))).Succeeded();
        Assert.Equal(text, (await ConsumeAsync()).Succeeded().Text);
    }

    [Fact]
    public Task Any_bytes_come_back_as_they_were() => Gen.Byte.Array[0, 2000].SampleAsync(
        async input =>
        {
            var broker = new MemoryBroker();
            broker.AddTopic("t", 1);
            (await CliHarness.RunAsync(["produce", "t", "--linger", "0ms"], input, broker)).Succeeded();
            Assert.Equal(input, (await CliHarness.RunAsync(["consume", "t", "-e"], [], broker)).Succeeded().Output);
        },
        iter: 50);

    [Fact]
    public async Task Two_files_come_back_as_cat_would_join_them()
    {
        await ProduceAsync("a\nb"u8.ToArray());
        await ProduceAsync("c\nd"u8.ToArray());
        Assert.Equal("a\nbc\nd", (await ConsumeAsync()).Text);
    }

    [Fact]
    public async Task Without_the_end_mark_every_record_ends_in_a_newline_and_has_no_header()
    {
        await ProduceAsync("a\nb"u8.ToArray(), "--no-end-mark");
        Assert.Equal("a\nb\n", (await ConsumeAsync()).Text);
        Assert.DoesNotContain("olog.no-newline", (await ConsumeAsync("-o", "json")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_headers_and_nulls_travel()
    {
        await ProduceAsync("k1:v:1\nk2:\n:v3\nk4:NULL\n"u8.ToArray(), "-k", ":", "--null-marker", "NULL", "-H", "a=1", "-H", "b=x=y", "-z", "lz4");
        var result = await ConsumeAsync("--format", @"%o|%k|%v|%V|%h\n", "--null-marker", "-");
        Assert.Equal(["0|k1|v:1|3|a=1,b=x=y", "1|k2||0|a=1,b=x=y", "2||v3|2|a=1,b=x=y", "3|k4|-|-1|a=1,b=x=y"], result.Lines);
    }

    [Fact]
    public async Task Json_lines_keep_text_as_text_and_bytes_as_base64()
    {
        await ProduceAsync([(byte)'k', (byte)':', 0xff, 0xfe, (byte)'\n'], "-k", ":", "-H", "größe=ja", "-t", "2023-11-14T22:13:20Z");
        var json = JsonDocument.Parse(Assert.Single((await ConsumeAsync("-o", "json")).Lines)).RootElement;
        Assert.Equal(("t", 0, 0L, 1_700_000_000_000L, "k"), (
            json.GetProperty("topic").GetString(), json.GetProperty("partition").GetInt32(), json.GetProperty("offset").GetInt64(),
            json.GetProperty("timestamp").GetInt64(), json.GetProperty("key").GetString()));
        Assert.Equal([0xff, 0xfe], json.GetProperty("valueBase64").GetBytesFromBase64());
        Assert.Equal("größe", json.GetProperty("headers")[0].GetProperty("key").GetString());
    }

    [Theory]
    [InlineData("beginning", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("7", "7 8 9")]
    [InlineData("-2", "8 9")]
    [InlineData("-100", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("end", "")]
    [InlineData("10", "")]
    public async Task Reading_begins_where_it_was_told(string from, string expected)
    {
        await ProduceAsync("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"u8.ToArray());
        Assert.Equal(expected, string.Join(' ', (await ConsumeAsync("--from", from)).Succeeded().Lines));
    }

    [Fact]
    public async Task Reading_begins_at_a_time()
    {
        await ProduceAsync("old\n"u8.ToArray(), "-t", "1700000000000");
        await ProduceAsync("new\n"u8.ToArray(), "-t", "1700000060000");
        Assert.Equal("new\n", (await ConsumeAsync("--from", "2023-11-14T22:13:50Z")).Text);
    }

    [Fact]
    public async Task An_offset_that_does_not_exist_is_not_found()
    {
        await ProduceAsync("a\n"u8.ToArray());
        (await ConsumeAsync("--from", "5")).Failed(ExitCode.NotFound, "offset 5 does not exist: t-0 has 0 up to 1");
    }

    [Fact]
    public async Task Max_messages_ends_a_consumer_that_would_wait()
    {
        await ProduceAsync("a\nb\nc\n"u8.ToArray());
        var result = await CliHarness.RunAsync(["consume", "t", "-n", "2"], [], _broker);
        Assert.Equal("a\nb\n", result.Succeeded().Text);
    }

    [Fact]
    public async Task A_line_over_the_topics_limit_is_named_and_what_was_before_it_is_stored()
    {
        _broker.MaxMessageBytes = "1000";
        byte[] input = [.. "a\nb\n"u8, .. new byte[1001], .. "\nc\n"u8];
        (await ProduceAsync(input)).Failed(ExitCode.RecordTooLarge, "line 3: record too large: 1001 bytes, the limit is 1000");
        Assert.Equal("a\nb\n", (await ConsumeAsync()).Text);
    }

    [Fact]
    public async Task A_refusal_of_the_broker_is_the_exit_code_and_nothing_more_is_sent()
    {
        _broker.OnProduce = _ => ProduceResult.Failure(ErrorCode.TopicAuthorizationFailed, ProduceOutcome.NotStored);
        (await ProduceAsync("a\n"u8.ToArray())).Failed(ExitCode.Error, "TOPIC_AUTHORIZATION_FAILED");
    }

    [Fact]
    public async Task A_lost_answer_is_told_as_unknown()
    {
        _broker.OnProduce = _ => ProduceResult.Failure(ErrorCode.NetworkException, ProduceOutcome.Unknown);
        (await ProduceAsync("a\n"u8.ToArray(), "--delivery-timeout", "1s")).Failed(ExitCode.OutcomeUnknown, "0 records are stored");
    }

    [Fact]
    public async Task A_line_without_key_separator_is_named()
    {
        (await ProduceAsync("a:b\nc\n"u8.ToArray(), "-k", ":")).Failed(ExitCode.Error, "line 2: no key separator");
    }

    [Theory]
    [InlineData("produce")]
    [InlineData("consume")]
    public async Task A_topic_that_does_not_exist_is_not_found(string command) =>
        (await CliHarness.RunAsync([command, "nope"], [], _broker)).Failed(ExitCode.NotFound, "nope");

    [Theory]
    [InlineData("produce")]
    [InlineData("consume")]
    public async Task A_partition_that_does_not_exist_is_not_found(string command) =>
        (await CliHarness.RunAsync([command, "t", "-p", "5"], [], _broker)).Failed(ExitCode.NotFound, "topic 't' has no partition 5; it has only 0");

    [Fact]
    public async Task What_is_counted_is_what_is_stored()
    {
        var sent = 0;
        _broker.OnProduce = _ => Interlocked.Increment(ref sent) == 1 ? null : ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored);
        byte[] input = [.. "first\n"u8, .. new byte[200_000], .. "\n"u8, .. new byte[200_000], .. "\n"u8];
        var result = await ProduceAsync(input, "--batch-bytes", "1024", "-o", "json");
        var json = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal((1, 6), (json.GetProperty("records").GetInt64(), json.GetProperty("bytes").GetInt64()));
        result.Failed(ExitCode.Error, "1 record is stored");
    }

    [Theory]
    [InlineData("a\n", "produced 1 record, 2 B in ")]
    [InlineData("a\nb", "produced 2 records, 3 B in ")]
    public async Task The_summary_counts_in_words(string input, string words) =>
        Assert.StartsWith(words, (await ProduceAsync(Encoding.UTF8.GetBytes(input), "-v")).Succeeded().Error, StringComparison.Ordinal);

    [Fact]
    public async Task Json_tells_what_was_produced_and_where()
    {
        var json = JsonDocument.Parse((await ProduceAsync("a\nb\n"u8.ToArray(), "-o", "json")).Succeeded().Output).RootElement;
        Assert.Equal(2, json.GetProperty("records").GetInt64());
        Assert.Equal(4, json.GetProperty("bytes").GetInt64());
        Assert.Equal(1, json.GetProperty("partitions")[0].GetProperty("lastOffset").GetInt64());
    }

    private Task<CliResult> ProduceAsync(byte[] input, params string[] options) =>
        CliHarness.RunAsync(["produce", "t", "--linger", "0ms", .. options], input, _broker);

    private Task<CliResult> ConsumeAsync(params string[] options) => CliHarness.RunAsync(["consume", "t", "--exit-at-end", .. options], [], _broker);
}

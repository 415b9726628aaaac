using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace OrleansLog.Cli.Tests;

/// <summary>What <c>consume -o json</c> writes, <c>produce -i json</c> reads.</summary>
public class JsonInputTests
{
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Byte.Array[0, 20], Gen.String.Select(Encoding.UTF8.GetBytes), Gen.Const<byte[]>(() => null!));

    private static readonly Gen<string> Line = Gen.Select(Bytes, Bytes, Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 5], Bytes).Array[0, 3], Gen.Int[0, 2], Gen.Long[0, 2_000_000_000_000])
        .Select((key, value, headers, partition, timestamp) =>
        {
            var line = new JsonObject { ["timestamp"] = timestamp, ["partition"] = partition, ["headers"] = new JsonArray([.. headers.Select(header => With(new() { ["key"] = header.Item1 }, "value", header.Item2))]) };
            return With(With(line, "key", key), "value", value).ToJsonString();
        });

    private readonly MemoryBroker _broker = new();

    public JsonInputTests() => _broker.AddTopic("t", 3);

    [Fact]
    public Task Records_of_any_bytes_go_round() => Line.Array[0, 20].SampleAsync(
        async lines =>
        {
            var broker = new MemoryBroker();
            broker.AddTopic("a", 3);
            broker.AddTopic("b", 3);
            (await ProduceAsync(broker, "a", string.Join('\n', lines))).Succeeded();
            var first = (await CliHarness.RunAsync(["consume", "a", "-e", "-o", "json"], [], broker)).Succeeded();
            (await ProduceAsync(broker, "b", first.Text)).Succeeded();
            var second = (await CliHarness.RunAsync(["consume", "b", "-e", "-o", "json"], [], broker)).Succeeded();
            Assert.Equal(lines.Length, first.Lines.Length);
            Assert.Equal(first.Lines.Order(), second.Lines.Select(line => line.Replace("{\"topic\":\"b\"", "{\"topic\":\"a\"", StringComparison.Ordinal)).Order());
        },
        iter: 50);

    [Fact]
    public async Task Each_field_reaches_the_record()
    {
        (await ProduceAsync(_broker, "t", """
            {"partition":2,"timestamp":1700000000123,"key":"k\n1","value":"größe \u00e9","headers":[{"key":"a","value":"1"},{"key":"a","valueBase64":"/w=="},{"key":"n","value":null}]}

            {"value":null,"keyBase64":"AP8=","partition":2}
            """, "-H", "all=x")).Succeeded();
        var records = Array.ConvertAll((await CliHarness.RunAsync(["consume", "t", "-e", "-p", "2", "-o", "json"], [], _broker)).Succeeded().Lines, line => JsonNode.Parse(line)!);
        Assert.Equal("""{"topic":"t","partition":2,"offset":0,"timestamp":1700000000123,"key":"k\n1","value":"größe é","headers":[{"key":"all","value":"x"},{"key":"a","value":"1"},{"key":"a","valueBase64":"/w=="},{"key":"n","value":null}]}""",
            records[0].ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal((null, "AP8="), (records[1]["value"], records[1]["keyBase64"]!.GetValue<string>()));
        Assert.Equal(2, records.Length);
    }

    [Fact]
    public async Task What_the_command_line_says_counts_before_the_record()
    {
        (await ProduceAsync(_broker, "t", """{"partition":77,"timestamp":5,"value":"v"}""", "-p", "1", "-t", "1700000000000")).Succeeded();
        Assert.Equal("1 1700000000000 v\n", (await CliHarness.RunAsync(["consume", "t", "-e", "--format", @"%p %T %v\n"], [], _broker)).Text);
    }

    [Theory]
    [InlineData("line 2: not a JSON object", "hello")]
    [InlineData("line 2: not a JSON object", "[1]")]
    [InlineData("line 2: not a JSON object", """{"value":"a" """)]
    [InlineData("line 2: not a JSON object", """{"value":"\ud800"}""")]
    [InlineData("line 2: it has no value", """{"key":"a"}""")]
    [InlineData("line 2: 'vlaue' is no field of a record", """{"vlaue":"a"}""")]
    [InlineData("line 2: value is neither a string nor null", """{"value":{"a":1}}""")]
    [InlineData("line 2: valueBase64 is not base64", """{"valueBase64":"%"}""")]
    [InlineData("line 2: timestamp is no whole number", """{"timestamp":"now","value":"a"}""")]
    [InlineData("line 2: partition is -1", """{"partition":-1,"value":"a"}""")]
    [InlineData("line 2: headers is no array", """{"headers":{"a":"b"},"value":"a"}""")]
    [InlineData("line 2: a header has no key", """{"headers":[{"value":"b"}],"value":"a"}""")]
    public async Task A_line_that_is_no_record_is_named_and_what_was_before_it_is_stored(string words, string line)
    {
        var result = await ProduceAsync(_broker, "t", $$"""{"value":"first"}{{"\n"}}{{line}}{{"\n"}}{"value":"last"}{{"\n"}}""");
        result.Failed(ExitCode.Error, words);
        Assert.Contains("1 record is stored", result.Error, StringComparison.Ordinal);
        Assert.Equal("first\n", (await CliHarness.RunAsync(["consume", "t", "-e"], [], _broker)).Text);
    }

    [Fact]
    public async Task A_partition_that_is_not_there_is_not_found() =>
        (await ProduceAsync(_broker, "t", """{"partition":3,"value":"a"}""")).Failed(ExitCode.NotFound, "line 1: topic 't' has no partition 3; it has 0 to 2");

    [Fact]
    public async Task What_is_for_lines_is_refused_for_json() =>
        (await ProduceAsync(_broker, "t", "", "-k", ":")).Failed(ExitCode.Usage, "--key-separator is for lines");

    [Fact]
    public async Task A_topic_is_made_only_where_that_was_asked_for()
    {
        (await CliHarness.RunAsync(["produce", "new"], "a\n"u8.ToArray(), _broker)).Failed(ExitCode.NotFound, "there is no topic 'new' (UNKNOWN_TOPIC_OR_PARTITION); --create makes it");
        (await CliHarness.RunAsync(["produce", "new", "--create"], "a\n"u8.ToArray(), _broker)).Succeeded();
        (await CliHarness.RunAsync(["produce", "new", "--create"], "b\n"u8.ToArray(), _broker)).Succeeded();
        Assert.Equal(["a", "b"], (await CliHarness.RunAsync(["consume", "new", "-e"], [], _broker)).Succeeded().Lines.Order());
        (await CliHarness.RunAsync(["produce", "a/b", "--create"], [], _broker)).Failed(ExitCode.Error, "topic 'a/b'");
    }

    [Fact]
    public async Task The_limit_that_a_line_is_over_is_named()
    {
        (await CliHarness.RunAsync(["produce", "t", "--max-record-bytes", "3"], "abcd\n"u8.ToArray(), _broker)).Failed(ExitCode.RecordTooLarge, "the limit is 3 (--max-record-bytes)");
        (await ProduceAsync(_broker, "t", """{"value":"abcd"}""", "--max-record-bytes", "3")).Failed(ExitCode.RecordTooLarge, "line 1:");
    }

    private static JsonObject With(JsonObject json, string name, byte[]? bytes)
    {
        if (bytes is null || System.Text.Unicode.Utf8.IsValid(bytes))
        {
            json[name] = bytes is null ? null : Encoding.UTF8.GetString(bytes);
        }
        else
        {
            json[name + "Base64"] = Convert.ToBase64String(bytes);
        }

        return json;
    }

    private static Task<CliResult> ProduceAsync(MemoryBroker broker, string topic, string lines, params string[] options) =>
        CliHarness.RunAsync(["produce", topic, "-i", "json", "--linger", "0ms", .. options], Encoding.UTF8.GetBytes(lines), broker);
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansLog.TestKit;

namespace OrleansLog.Cli.Tests;

/// <summary>Holds the dump of log directories that Apache Kafka 4.1 wrote against what its own dump tool saw in them (tests/golden/README.md).</summary>
public partial class LogDumpTests
{
    public static TheoryData<string> Partitions =>
        [.. Directory.GetFiles(Golden.PathOf("logs", "dump"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Partitions))]
    public async Task Every_batch_record_and_index_entry_is_seen_as_the_reference_sees_it(string partition)
    {
        var expected = ReadReference(File.ReadLines(Golden.PathOf("logs", "dump", $"{partition}.txt")));
        var result = (await CliHarness.RunAsync("log", "dump", "--records", "-o", "json", Golden.PathOf("logs", "clean", partition))).Succeeded();
        var actual = ReadOurs(result.Lines);
        Assert.NotEmpty(expected);
        foreach (var (file, lines) in expected)
        {
            Assert.Equal(lines, actual.GetValueOrDefault(file, []));
        }
    }

    [Fact]
    public async Task The_whole_clean_directory_is_found_good()
    {
        var folders = Directory.GetDirectories(Golden.PathOf("logs", "clean"));
        var result = await CliHarness.RunAsync(["log", "dump", "--check", Golden.PathOf("logs", "clean"), .. folders]);
        Assert.DoesNotContain("DAMAGE", result.Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains("replication-offset-checkpoint: 26 entries: ok", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Indexes_that_are_still_set_aside_in_full_are_no_damage()
    {
        var folders = Directory.GetDirectories(Golden.PathOf("logs", "unclean"));
        var result = (await CliHarness.RunAsync(["log", "dump", "--check", .. folders])).Succeeded();
        Assert.Contains("bytes set aside", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("segments-0", "00000000000000001290.log at 0: the batch claims 1215 bytes, 1178 are left")]
    [InlineData("codec-zstd-0", "00000000000000000000.log at 25216: no record batch")]
    public async Task A_torn_tail_is_damage_and_exits_with_5(string partition, string words)
    {
        var result = await CliHarness.RunAsync("log", "dump", "--check", Golden.PathOf("logs", "torn", partition));
        result.Failed(ExitCode.Damage, "damage in 1 of");
        Assert.Contains(words, result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-file.log", ExitCode.NotFound, "no such file")]
    [InlineData("tests/golden/README.md", ExitCode.Usage, "not a file that can be dumped")]
    public async Task A_file_that_is_not_there_or_not_a_log_is_named(string file, object code, string words) =>
        (await CliHarness.RunAsync("log", "dump", Repository.PathOf(file))).Failed((ExitCode)code, words);

    private static Dictionary<string, List<string>> ReadReference(IEnumerable<string> lines)
    {
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? current = null;
        foreach (var line in lines)
        {
            if (line.StartsWith("Dumping ", StringComparison.Ordinal))
            {
                var file = Path.GetFileName(line);
                current = Path.GetExtension(file) is ".log" or ".index" or ".timeindex" ? files[file] = [] : null;
            }
            else if (ReferenceLine(line) is { } normal)
            {
                current?.Add(normal);
            }
        }

        return files;
    }

    private static string? ReferenceLine(string line)
    {
        if (ReferenceBatch().Match(line) is { Success: true } batch)
        {
            var g = batch.Groups;
            var horizon = g["horizon"].Success ? g["horizon"].Value : "";
            return $"batch {g["base"]}..{g["last"]} n{g["count"]} seq {g["firstSeq"]}..{g["lastSeq"]} producer {g["pid"]}/{g["epoch"]} leader {g["leader"]}"
                + $" {g["txn"]} {g["control"]} at {g["position"]} {g["type"]}={g["time"]} {g["size"]} {g["codec"]} {g["crc"]} horizon {horizon}";
        }

        if (ReferenceRecord().Match(line) is { Success: true } record)
        {
            var g = record.Groups;
            var content = g["marker"].Success
                ? $"{g["marker"].Value.ToLowerInvariant()} {g["coordinator"]}"
                : $"{g["key"]} {g["value"]} [{g["headers"]}]";
            return $"record {g["offset"]} {g["time"]} {content}";
        }

        return ReferenceEntry().IsMatch(line) ? line : null;
    }

    private static Dictionary<string, List<string>> ReadOurs(string[] lines)
    {
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string> current = [];
        foreach (var line in lines)
        {
            var json = JsonDocument.Parse(line).RootElement;
            switch (json.GetProperty("type").GetString())
            {
                case "file":
                    current = files[Path.GetFileName(json.GetProperty("file").GetString()!)] = [];
                    break;
                case "batch":
                    current.Add(Batch(json));
                    break;
                case "record":
                    current.Add(Record(json));
                    break;
                case "entry":
                    current.Add(string.Join(' ', json.EnumerateObject().Skip(1).Select(field => $"{field.Name}: {field.Value}")));
                    break;
                default:
                    break;
            }
        }

        return files;
    }

    private static string Batch(JsonElement json)
    {
        string Text(string name) => json.GetProperty(name).ToString();
        string Flag(string name) => json.GetProperty(name).GetBoolean() ? "true" : "false";
        var horizon = json.TryGetProperty("deleteHorizonMs", out var ms) ? ms.ToString() : "";
        Assert.True(json.GetProperty("isGood").GetBoolean());
        return $"batch {Text("baseOffset")}..{Text("lastOffset")} n{Text("records")} seq {Text("baseSequence")}..{Text("lastSequence")}"
            + $" producer {Text("producerId")}/{Text("producerEpoch")} leader {Text("leaderEpoch")} {Flag("isTransactional")} {Flag("isControl")}"
            + $" at {Text("position")} {Text("timestampType")}={Text("maxTimestamp")} {Text("sizeBytes")} {Text("codec")} {Text("crc")} horizon {horizon}";
    }

    private static string Record(JsonElement json)
    {
        var content = json.TryGetProperty("control", out var marker)
            ? $"{marker} {json.GetProperty("coordinatorEpoch")}"
            : $"{SizeOf(json, "key")} {SizeOf(json, "value")} [{string.Join(',', json.GetProperty("headers").EnumerateArray().Select(h => h.GetProperty("key").GetString()))}]";
        return $"record {json.GetProperty("offset")} {json.GetProperty("timestamp")} {content}";
    }

    private static int SizeOf(JsonElement json, string name) =>
        json.TryGetProperty($"{name}Base64", out var base64) ? base64.GetBytesFromBase64().Length
        : json.GetProperty(name).GetString() is { } text ? Encoding.UTF8.GetByteCount(text) : -1;

    [GeneratedRegex(@"^baseOffset: (?<base>\d+) lastOffset: (?<last>\d+) count: (?<count>\d+) baseSequence: (?<firstSeq>-?\d+) lastSequence: (?<lastSeq>-?\d+)" +
        @" producerId: (?<pid>-?\d+) producerEpoch: (?<epoch>-?\d+) partitionLeaderEpoch: (?<leader>-?\d+) isTransactional: (?<txn>\w+) isControl: (?<control>\w+)" +
        @" deleteHorizonMs: OptionalLong(\.empty|\[(?<horizon>\d+)\]) position: (?<position>\d+) (?<type>\w+): (?<time>-?\d+) size: (?<size>\d+)" +
        @" magic: 2 compresscodec: (?<codec>\w+) crc: (?<crc>\d+) isvalid: true")]
    private static partial Regex ReferenceBatch();

    [GeneratedRegex(@"^\| offset: (?<offset>\d+) \w+: (?<time>-?\d+) keySize: (?<key>-?\d+) valueSize: (?<value>-?\d+) sequence: -?\d+ headerKeys: \[(?<headers>.*?)\]" +
        @"( endTxnMarker: (?<marker>\w+) coordinatorEpoch: (?<coordinator>\d+))?")]
    private static partial Regex ReferenceRecord();

    [GeneratedRegex(@"^(offset: \d+ position: \d+|timestamp: \d+ offset: \d+)$")]
    private static partial Regex ReferenceEntry();
}

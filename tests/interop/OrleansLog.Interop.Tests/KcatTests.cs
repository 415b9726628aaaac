using System.Globalization;
using System.Text;
using Interop.Tests.Clients;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace Interop.Tests;

/// <summary>kcat, as its users call it.</summary>
[Collection(nameof(Bench))]
public class KcatTests(Bench bench)
{
    private const int KcatLines = 2_000;

    public static TheoryData<string> Codecs =>
        [.. new[] { "none", "gzip", "snappy", "lz4", "zstd" }.Where(codec => Installed.WhyNot(Installed.Kcat, codec) is null)];

    [NeedsClient(Installed.Kcat)]
    public async Task Metadata_names_the_broker_and_the_topics()
    {
        var topic = await bench.NewTopicAsync("kcat-list", partitions: 2);

        var listing = await KcatAsync("-L");

        Assert.Contains($"broker 1 at {bench.Servers}", listing, StringComparison.Ordinal);
        Assert.Contains($"topic \"{topic}\" with 2 partitions", listing, StringComparison.Ordinal);
        Assert.Contains("partition 1, leader 1, replicas: 1, isrs: 1", listing, StringComparison.Ordinal);
    }

    [TheoryWithClient(Installed.Kcat)]
    [MemberData(nameof(Codecs))]
    public async Task Lines_written_with_a_codec_are_read_by_the_sdk_and_by_kcat(string codec)
    {
        using var place = new TempDirectory("kcat");
        var lines = place.Combine("lines");
        await File.WriteAllLinesAsync(lines, Enumerable.Range(0, KcatLines).Select(number => $"key{number}:value {number} with some text that repeats itself"));
        var topic = await bench.NewTopicAsync($"kcat-{codec}");
        await KcatAsync("-P", "-t", topic, "-p", "0", "-K", ":", "-z", codec, "-H", "from=kcat", "-X", "linger.ms=20", "-l", lines);

        var read = await Sdk.ConsumeAsync(bench.Servers, topic);
        Assert.Equal(await File.ReadAllLinesAsync(lines), read.Select(record => $"{Text(record.Key)}:{Text(record.Value)}"));
        Assert.All(read, record => Assert.Equal("from=" + Convert.ToBase64String("kcat"u8), string.Join('=', record.Headers.Single())));
        Assert.Equal(codec, Stored.Codec(bench.Broker, topic));
        var output = await KcatAsync("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-K", ":");
        Assert.Equal((await File.ReadAllTextAsync(lines)).TrimEnd(), output.TrimEnd());
    }

    [NeedsClient(Installed.Kcat)]
    public async Task What_Confluent_writes_is_read_with_offsets_nulls_times_and_headers()
    {
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var topic = await bench.NewTopicAsync("kcat-read");
        Rec[] records =
        [
            Sample.Of(null, "one"),
            Sample.Of("k", null) with { Timestamp = 1_000 },
            Sample.Of("", "") with { Headers = [["a", Convert.ToBase64String("1"u8)], ["a", null]] },
        ];
        await confluent.ProduceAsync(topic, 0, "lz4", idempotent: true, records);

        var output = await KcatAsync("-C", "-t", topic, "-e", "-q", "-f", "%o|%K|%k|%S|%s|%T|%h\n");

        Assert.Equal(["0|-1||3|one|1700000000123|", "1|1|k|-1||1000|", "2|0||0||1700000000123|a=1,a=NULL"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [NeedsClient(Installed.Kcat)]
    public async Task A_message_of_nearly_a_mebibyte_and_a_tombstone_are_sent_from_files()
    {
        using var place = new TempDirectory("kcat");
        var big = place.Combine("big");
        await File.WriteAllBytesAsync(big, Sample.Largest().Value!);
        var tombstone = place.Combine("tombstone");
        await File.WriteAllTextAsync(tombstone, "gone:\n");
        var topic = await bench.NewTopicAsync("kcat-big");

        await KcatAsync("-P", "-t", topic, "-p", "0", "-X", "enable.idempotence=true", big);
        await KcatAsync("-P", "-t", topic, "-p", "0", "-Z", "-K", ":", "-l", tombstone);

        var read = await Sdk.ConsumeAsync(bench.Servers, topic);
        Assert.Equal(Sample.Largest().Value, read[0].Value);
        Assert.Equal(("gone", null), (Text(read[1].Key), read[1].Value));
        Assert.NotEqual(-1, Stored.ProducerId(bench.Broker, topic));
    }

    [NeedsClient(Installed.Kcat)]
    public async Task Offsets_are_found_by_time()
    {
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var topic = await bench.NewTopicAsync("kcat-query");
        await confluent.ProduceAsync(topic, 0, "none", false, [.. Enumerable.Range(0, 4).Select(n => Sample.Of("k", "v") with { Timestamp = 1_000 + (n * 10) })]);

        Assert.Contains("offset 2", await KcatAsync("-Q", "-t", $"{topic}:0:1015"), StringComparison.Ordinal);
    }

    [NeedsClient(Installed.Kcat)]
    public async Task A_group_goes_on_where_it_was()
    {
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var topic = await bench.NewTopicAsync("kcat-group", partitions: 2);
        var group = bench.NewName("kcat");
        string[] member = ["-G", group, "-q", "-e", "-X", "auto.offset.reset=earliest", topic];
        await confluent.ProduceAsync(topic, 0, "none", false, [Sample.Of("k", "one"), Sample.Of("k", "two")]);
        await confluent.ProduceAsync(topic, 1, "none", false, [Sample.Of("k", "three")]);

        var first = await KcatAsync(member);
        await confluent.ProduceAsync(topic, 0, "none", false, [Sample.Of("k", "four")]);
        var second = await KcatAsync(member);

        Assert.Equal(["one", "three", "two"], first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("four", second.Trim());
    }

    private static string Text(byte[]? bytes) => bytes is null ? "NULL" : Encoding.UTF8.GetString(bytes);

    private async Task<string> KcatAsync(params string[] arguments)
    {
        var run = await ChildProcess.RunAsync("kcat", ["-b", bench.Servers, .. arguments], within: Pause.Hangs);
        return run.ExitCode == 0
            ? run.Output
            : throw new InteropException(string.Create(CultureInfo.InvariantCulture, $"kcat {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Output}"));
    }
}

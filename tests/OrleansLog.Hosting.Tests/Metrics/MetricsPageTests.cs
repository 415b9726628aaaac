using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Hosting.Tests.Metrics;

/// <summary>What a scrape shows, and that docs/operate/metrics.md tells all of it.</summary>
public sealed partial class MetricsPageTests : IDisposable
{
    // Counters that a healthy broker of a few seconds does not show.
    private static readonly HashSet<string> NeedsMore =
    [
        "orleanslog.produce.failures", "orleanslog.produce.duplicates", "orleanslog.log.segments.deleted", "orleanslog.scrub.bytes",
        "orleanslog.damage.found", "orleanslog.request.errors", "orleanslog.request.memory.cut", "orleanslog.replication.bytes.in",
        "orleanslog.replication.bytes.out", "orleanslog.isr.shrinks", "orleanslog.isr.expands", "orleanslog.controller.silences",
        "orleanslog.fetches.cold",
    ];

    private readonly TempDirectory _directory = new("metrics");

    [Fact]
    public async Task A_scrape_after_some_traffic_shows_what_the_page_names_and_nothing_else()
    {
        var port = FreePorts.Take(1)[0];
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data"))
        {
            Settings = new Dictionary<string, string>
            {
                ["orleanslog.http.address"] = $"127.0.0.1:{port}",
                ["group.initial.rebalance.delay.ms"] = "0",
            },
        });
        await using var log = await LogClient.ConnectAsync(silo.Launched.BootstrapServers);
        await ProduceAndReadInAGroupAsync(log);

        using var http = new HttpClient();
        var scrape = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        var shown = ShownMetric().Matches(scrape).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var documented = InstrumentRow().Matches(Section("## All instruments")).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim());
        var families = documented.ToDictionary(row => PrometheusFamily(row.Key, row.Value, shown), row => row.Key);
        Assert.Empty(shown.Keys.Except(families.Keys));
        Assert.Empty(families.Where(family => !NeedsMore.Contains(family.Value)).Select(family => family.Key).Except(shown.Keys));
        var watched = PrometheusName().Matches(Section("## What to watch")).Select(match => match.Value);
        Assert.Empty(watched.Except(families.Keys));

        Assert.All(shown.Where(metric => metric.Value == "histogram").Select(metric => metric.Key), name =>
        {
            Assert.EndsWith("_duration_seconds", name, StringComparison.Ordinal);
            var bounds = Regex.Matches(scrape, $"^{name}_bucket{{.*le=\"([^\"]+)\"}}", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToArray();
            Assert.Contains("1E-05", bounds);
            Assert.Contains("10", bounds);
            Assert.DoesNotContain("25", bounds);
        });
        Assert.Contains("orleanslog_bytes_in_bytes_total{otel_scope_name=\"OrleansLog\",topic=\"lines\"}", scrape);
        Assert.Contains("orleanslog_consumer_lag{otel_scope_name=\"OrleansLog\",group=\"readers\"", scrape);
        Assert.Contains("orleanslog_controller_active{otel_scope_name=\"OrleansLog\"} 1", scrape);
        Assert.Contains("orleans_", scrape);
        Assert.Contains("dotnet_", scrape);
    }

    [Fact]
    public async Task The_page_lists_every_instrument_and_no_other()
    {
        var instruments = new ConcurrentDictionary<string, string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "OrleansLog")
                {
                    instruments[instrument.Name] = instrument.Unit ?? "";
                }
            },
        };
        listener.Start();
        await using (var silo = await EmbeddedSilo.StartAsync(_directory.Combine("data")))
        {
        }

        var documented = InstrumentRow().Matches(Section("## All instruments")).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Trim()));
        Assert.Equal(
            instruments.Select(pair => (pair.Key, pair.Value)).Order(),
            documented.Order());
    }

    public void Dispose() => _directory.Dispose();

    private static async Task ProduceAndReadInAGroupAsync(ILogClient log)
    {
        await using (var producer = log.CreateProducer<string, string>())
        {
            await producer.ProduceAsync("lines", "key", "value");
        }

        await using var consumer = log.CreateConsumer<string, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var record in consumer.SubscribeAsync(Subscription.To("lines"), new GroupOptions { GroupId = "readers" }, limit.Token))
        {
            await consumer.CommitAsync(limit.Token);
            break;
        }
    }

    // As the page says: dots are underscores, then the unit where it is bytes or seconds, then _total for a counter.
    private static string PrometheusFamily(string instrument, string unit, Dictionary<string, string> shown)
    {
        var name = instrument.Replace('.', '_');
        var suffix = unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        return shown.ContainsKey(name) ? name : name + "_total";
    }

    private static string Section(string heading)
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "operate", "metrics.md"));
        var start = page.IndexOf(heading, StringComparison.Ordinal);
        var end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    [GeneratedRegex("orleanslog_[a-z_]+")]
    private static partial Regex PrometheusName();

    [GeneratedRegex(@"^# TYPE (orleanslog_[a-z_]+) ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex ShownMetric();

    [GeneratedRegex(@"^\| `(orleanslog\.[a-z.]+)` \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();
}

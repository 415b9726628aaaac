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
    private readonly TempDirectory _directory = new("metrics");

    [Fact]
    public async Task A_scrape_after_some_traffic_shows_every_metric_to_watch()
    {
        var port = FreePorts.Take(1)[0];
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data"))
        {
            Settings = new Dictionary<string, string> { ["orleanslog.http.address"] = $"127.0.0.1:{port}" },
        });
        await using (var log = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] }))
        {
            await using var producer = log.CreateProducer<string, string>();
            await producer.ProduceAsync("lines", "key", "value");
            await using var consumer = log.CreateConsumer<string, string>();
            await consumer.AssignTopicAsync("lines", StartAt.Beginning);
            await foreach (var _ in consumer.ReadToEndAsync())
            {
            }
        }

        using var http = new HttpClient();
        var scrape = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        var shown = scrape.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('{', ' ')[0]).ToHashSet();
        var watched = PrometheusName().Matches(Section("## What to watch")).Select(match => match.Value)
            .Except(["orleanslog_produce_failures_total", "orleanslog_damage_found_total", "orleanslog_request_queue_duration_seconds", "orleanslog_request_handler_idle_ratio"]);
        Assert.All(watched, name => Assert.True(shown.Contains(name) || shown.Contains(name + "_bucket"), name + " is not shown"));
        Assert.Contains("orleanslog_bytes_in_bytes_total{otel_scope_name=\"OrleansLog\",topic=\"lines\"}", scrape);
        Assert.Contains("orleanslog_flush_duration_seconds_bucket", scrape);
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

    private static string Section(string heading)
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "operate", "metrics.md"));
        var start = page.IndexOf(heading, StringComparison.Ordinal);
        var end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    [GeneratedRegex("orleanslog_[a-z_]+")]
    private static partial Regex PrometheusName();

    [GeneratedRegex(@"^\| `(orleanslog\.[a-z.]+)` \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();
}

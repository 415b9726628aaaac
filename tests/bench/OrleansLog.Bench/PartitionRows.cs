using System.Diagnostics;
using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>What many empty partitions cost: to make, to open again, to hold, to stop with.</summary>
internal sealed class PartitionRows(string published, Scale scale)
{
    private const int Topics = 10;
    private const int RequestTimeoutMs = 600_000;

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        var count = scale.Of(10_000);
        var (settings, health) = Settings();
        await using var first = SiloProcess.StartOurs(published, settings);
        var emptyStart = await ReadyAsync(first, health);
        var emptyMb = first.ResidentMb();
        var made = await MeasureAsync(first, () => CreateAsync(first, count / Topics));
        yield return Row($"creation of {count:N0} partitions", "s", made.Seconds, double.NaN, "under 30");
        yield return Row($"CPU of the creation of {count:N0} partitions", "s", made.CpuSeconds, double.NaN, "reported");
        yield return Row("resident memory of a partition after its creation", "KB", (first.ResidentMb() - emptyMb) * 1000 / count, double.NaN, "reported");

        (settings, health) = Settings();
        var stopBegan = Stopwatch.GetTimestamp();
        await using var second = await first.StartAgainAsync(published, settings);
        yield return Row($"stop with {count:N0} partitions", "s", Stopwatch.GetElapsedTime(stopBegan, second.StartedAt).TotalSeconds, double.NaN, "reported");
        var start = await ReadyAsync(second, health);
        yield return Row($"start with {count:N0} partitions, to ready", "s", start.Seconds, emptyStart.Seconds, "reported");
        yield return Row($"CPU of the start with {count:N0} partitions", "s", start.CpuSeconds, emptyStart.CpuSeconds, "under 10 more");
        yield return Row("resident memory of a partition after a start", "KB", (second.ResidentMb() - emptyMb) * 1000 / count, double.NaN, "reported");

        (settings, _) = Settings();
        await using var third = await second.StartAgainAsync(published, settings);
        await third.WaitForGatewayAsync();
        stopBegan = Stopwatch.GetTimestamp();
        await third.StopAsync();
        yield return Row("stop while they are opened", "s", Stopwatch.GetElapsedTime(stopBegan).TotalSeconds, double.NaN, "under 5");
    }

    private static BenchRow Row(string what, string unit, double ours, double reference, string aim) =>
        new(what, unit, ours, reference, ours / reference, aim, double.IsNaN(reference) ? "none" : "the same silo, empty");

    private static (string[] Settings, Uri Health) Settings()
    {
        var http = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Ports.Take()}");
        return ([$"orleanslog.http.address={http}"], new Uri($"http://{http}/healthz/ready"));
    }

    private static async Task<(double Seconds, double CpuSeconds)> ReadyAsync(SiloProcess silo, Uri health)
    {
        using var http = new HttpClient();
        while (!await IsReadyAsync(http, health))
            await Task.Delay(20);

        return (Stopwatch.GetElapsedTime(silo.StartedAt).TotalSeconds, ProcessCpu.Seconds(silo.ProcessId));
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri health)
    {
        try
        {
            using var answer = await http.GetAsync(health);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<(double Seconds, double CpuSeconds)> MeasureAsync(SiloProcess silo, Func<Task> run)
    {
        var began = Stopwatch.GetTimestamp();
        var cpu = await ProcessCpu.DuringAsync(silo.ProcessId, run);
        return (Stopwatch.GetElapsedTime(began).TotalSeconds, cpu);
    }

    private static async Task CreateAsync(SiloProcess silo, int partitionsPerTopic)
    {
        await using var client = await LogClient.ConnectAsync(
            new LogClientOptions { BootstrapServers = [silo.KafkaAddress], RequestTimeoutMs = RequestTimeoutMs });
        for (var i = 0; i < Topics; i++)
            await client.Admin.CreateTopicAsync(string.Create(CultureInfo.InvariantCulture, $"many-{i}"), partitionsPerTopic, 1);
    }
}

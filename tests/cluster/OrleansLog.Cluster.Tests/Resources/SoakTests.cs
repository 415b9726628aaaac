using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.Groups;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Resources;

/// <summary>Connections that come and go in every state, for a minute's part here and an hour in long runs: no handle, buffer or waiting fetch is left of them.</summary>
public partial class SoakTests(ITestOutputHelper output)
{
    private const int ClientsAtOnce = 32;
    private const int ClientsOfRound = 1_000;
    private const int HandlesSlack = 40;
    private const int ResidentSlackMiB = 96;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Duration = Repository.LongRuns ? TimeSpan.FromHours(1) : TimeSpan.Zero;

    [LinuxTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clients_that_break_off_anywhere_leave_nothing(bool eventLoops)
    {
        using var place = new TempDirectory("soak");
        var httpPort = FreePorts.Take(1)[0];
        var launch = new SiloLaunch(place.Combine("data"))
        {
            Settings = new Dictionary<string, string>
            {
                ["orleanslog.http.address"] = $"127.0.0.1:{httpPort}",
                ["orleanslog.network.event.loops"] = eventLoops ? "true" : "false",
                ["orleanslog.flush.policy"] = "os",
                ["log.retention.bytes"] = "67108864",
                ["log.segment.bytes"] = "16777216",
                ["log.retention.check.interval.ms"] = "1000",
            },
        };
        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(launch.BootstrapServers);
        await client.Admin.CreateTopicAsync("soak", 1);
        var partition = new TopicPartition("soak", 0);
        var deed = new Vandal.Deed(partition.Topic, RawRequests.Batch(32 * 1024, valueBytes: 1000));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/") };
        await client.SendAsync(partition, "first");
        var handles = ProcessFigures.HandlesOf(silo.Id);
        var connections = (await FiguresAsync(http)).Connections;
        var random = new Random(1);
        var (least, most) = (int.MaxValue, 0);
        var began = DateTime.UtcNow;
        for (var round = 0; round < 3 || DateTime.UtcNow - began < Duration; round++)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, ClientsOfRound).Select(_ => new Random(random.Next())),
                new ParallelOptions { MaxDegreeOfParallelism = ClientsAtOnce },
                async (each, _) => await Vandal.ComeAndGoAsync(IPEndPoint.Parse(launch.BootstrapServers), deed, each));

            Figures left = default;
            Assert.True(
                await Until.ItIsAsync(async () => (left = await FiguresAsync(http)) == new Figures(connections, 0, 0, 0), Patience), $"round {round}: {left}\n{silo.Output}");
            Assert.True(await Until.ItIsAsync(() => ProcessFigures.HandlesOf(silo.Id) < handles + HandlesSlack, Patience), $"round {round}: {handles}, then {ProcessFigures.HandlesOf(silo.Id)}");
            await client.SendAsync(partition, "still");

            // The first round takes what the broker keeps for the next one: code, pools, segments.
            if (round == 0)
                continue;

            var resident = ProcessFigures.ResidentMiBOf(silo.Id);
            (least, most) = (Math.Min(least, resident), Math.Max(most, resident));
            output.WriteLine($"round {round}: {ProcessFigures.HandlesOf(silo.Id)} handles, {resident} MiB");
            Assert.True(most - least < ResidentSlackMiB, $"{least} MiB grew to {most} MiB");
        }

        Assert.True(await silo.TerminateAsync() == 0, silo.Output);
    }

    private static async Task<Figures> FiguresAsync(HttpClient http)
    {
        var scrape = await http.GetStringAsync(new Uri("metrics", UriKind.Relative));
        return new Figures(Sum("orleanslog_connections"), Sum("orleanslog_request_memory_bytes"), Sum("orleanslog_fetch_memory_bytes"), Sum("orleanslog_fetch_waiting"));

        long Sum(string name) => Sample().Matches(scrape).Where(sample => sample.Groups["name"].Value == name)
            .Sum(sample => long.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(?<name>\w+)\{[^}]*\} (?<value>\d+)", RegexOptions.Multiline)]
    private static partial Regex Sample();

    /// <summary>What connections hold of the broker.</summary>
    private readonly record struct Figures(long Connections, long RequestBytes, long FetchBytes, long FetchesWaiting);
}

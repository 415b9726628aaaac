using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>S1 and S5 over real crashes of a real process. The page cache survives them; power loss is the log's own tests' matter.</summary>
public class KillTests
{
    private static readonly int[] Partitions = [0, 1, 2];

    private readonly int _seed = Environment.TickCount;

    [Theory]
    [InlineData("ack")]
    [InlineData("os")]
    public async Task Every_acknowledged_record_survives_kill_nine_again_and_again(string policy)
    {
        var rounds = Repository.LongRuns ? 100 : 8;
        var random = new Random(_seed);
        using var place = new TempDirectory("kill");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        var history = new List<SentRecord>();
        for (var round = 0; round < rounds; round++)
        {
            if (round % 4 == 3)
            {
                await KillOnTheWayUpAsync(launch);
            }

            await using var silo = await SiloProcess.StartAsync(launch);
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            if (round == 0)
            {
                await CreateTopicAsync(client, policy);
            }

            Judge(history, await client.ReadAsync("kill"), round);
            history.AddRange(await KillUnderLoadAsync(silo, client, history.Count, random.Next(1, 4_000)));
        }

        await using var last = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [last.Gateway] });
        Judge(history, await reader.ReadAsync("kill"), rounds);
        Assert.Contains(history, record => record.Outcome == Outcome.Acknowledged);
    }

    /// <summary>K5: the producer goes on over the crashes, sends what lost its answer again, and no record is there twice.</summary>
    [Theory]
    [InlineData("ack")]
    [InlineData("os")]
    public async Task A_producer_that_outlives_kill_nine_delivers_every_record_once(string policy)
    {
        var rounds = Repository.LongRuns ? 50 : 4;
        var random = new Random(_seed);
        using var place = new TempDirectory("outlive");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        var silo = await SiloProcess.StartAsync(launch);
        try
        {
            await using var client = await LogClient.ConnectAsync(launch.BootstrapServers);
            await CreateTopicAsync(client, policy);
            await using var load = Load.Start(client, "kill", Partitions, firstSequence: 0);
            for (var round = 0; round < rounds; round++)
            {
                await load.AcknowledgedAsync(random.Next(500, 4_000));
                await silo.KillAsync();
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(launch);
            }

            await load.AcknowledgedAsync(100);
            var sent = await load.StopAsync(TimeSpan.FromMinutes(2));
            Assert.DoesNotContain(sent.SkipLast(1), record => record.Outcome != Outcome.Acknowledged);
            Judge([.. sent], await client.ReadAsync("kill"), rounds);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    private static async Task CreateTopicAsync(ILogClient client, string policy) => await client.Admin.CreateTopicAsync(
        "kill", Partitions.Length, configs: new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = policy,
            ["segment.bytes"] = "1048576",
        });

    private static async Task<IReadOnlyList<SentRecord>> KillUnderLoadAsync(SiloProcess silo, ILogClient client, int sequence, int records)
    {
        await using var load = Load.Start(client, "kill", Partitions, sequence);
        await load.AcknowledgedAsync(records);
        await silo.KillAsync();
        return await load.StopAsync();
    }

    private static async Task KillOnTheWayUpAsync(SiloLaunch launch)
    {
        await using var silo = SiloProcess.Begin(launch with { LogLevel = "Information" });
        await silo.WaitForLineAsync(_ => true);
        await silo.KillAsync();
    }

    private void Judge(List<SentRecord> sent, IReadOnlyList<ReadRecord> read, int round)
    {
        var findings = HistoryChecker.Check(sent, read);
        Assert.True(findings.Count == 0, $"round {round}, seed {_seed}: {findings.Count} anomalies\n{string.Join('\n', findings.Take(20))}");
    }
}

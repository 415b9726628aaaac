using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>S1 and S5 over real crashes of a real process. The page cache survives them; power loss is the log's own tests' matter.</summary>
public class KillTests
{
    private readonly KillTopic _topic = new(Environment.TickCount);

    [Theory]
    [InlineData("ack")]
    [InlineData("os")]
    public async Task Every_acknowledged_record_survives_kill_nine_again_and_again(string policy)
    {
        var rounds = Repository.LongRuns ? 100 : 5;
        var random = new Random(_topic.Seed);
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
                await KillTopic.CreateAsync(client, policy);
            }

            _topic.Judge(history, await client.ReadAsync(KillTopic.Name), round);
            history.AddRange(await KillUnderLoadAsync(silo, client, history.Count, random.Next(1, 4_000)));
        }

        await using var last = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [last.Gateway] });
        _topic.Judge(history, await reader.ReadAsync(KillTopic.Name), rounds);
        Assert.Contains(history, record => record.Outcome == Outcome.Acknowledged);
    }

    private static async Task<IReadOnlyList<SentRecord>> KillUnderLoadAsync(SiloProcess silo, ILogClient client, int sequence, int records)
    {
        await using var load = Load.Start(client, KillTopic.Name, KillTopic.Partitions, sequence);
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
}

using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>K5: the producer goes on over the crashes, sends what lost its answer again, and no record is there twice.</summary>
public class OutlivingTests
{
    private readonly KillTopic _topic = new(Environment.TickCount);

    [Theory]
    [InlineData("ack")]
    [InlineData("os")]
    public async Task A_producer_that_outlives_kill_nine_delivers_every_record_once(string policy)
    {
        var rounds = Repository.LongRuns ? 50 : 4;
        var random = new Random(_topic.Seed);
        using var place = new TempDirectory("outlive");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        var silo = await SiloProcess.StartAsync(launch);
        try
        {
            await using var client = await LogClient.ConnectAsync(launch.BootstrapServers);
            await KillTopic.CreateAsync(client, policy);
            await using var load = Load.Start(client, KillTopic.Name, KillTopic.Partitions, firstSequence: 0, Load.Patient());
            for (var round = 0; round < rounds; round++)
            {
                await load.AcknowledgedAsync(random.Next(500, 4_000));
                await silo.KillAsync();
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(launch);
            }

            await load.AcknowledgedAsync(100);
            var sent = await load.StopAsync(TimeSpan.FromMinutes(5));
            SentRecord[] lost = [.. sent.SkipLast(1).Where(record => record.Outcome != Outcome.Acknowledged)];
            Assert.Empty(lost);
            _topic.Judge([.. sent], await client.ReadAsync(KillTopic.Name), rounds);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }
}

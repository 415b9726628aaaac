using System.Diagnostics;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>S1 and S4 over real crashes of three real processes.</summary>
public class ReplicationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly KillTopic _topic = new(Environment.TickCount);

    private enum Fault
    {
        Kill,
        Pause,
        Stop,
    }

    [PostgresFact]
    public async Task Every_acknowledged_record_survives_what_happens_to_leaders_and_replicas_end_with_the_same_bytes()
    {
        var random = new Random(_topic.Seed);
        Fault[] faults = [Fault.Kill, Fault.Stop, Fault.Pause, .. Repository.LongRuns ? Enumerable.Range(0, 40).Select(_ => (Fault)random.Next(3)) : []];
        await using var cluster = await ThreeBrokers.StartAsync();
        await using var client = await cluster.ConnectAsync();
        await client.Admin.CreateTopicAsync(KillTopic.Name, KillTopic.Partitions.Count, replicationFactor: 3, new Dictionary<string, string>
        {
            ["min.insync.replicas"] = "2",
            ["segment.bytes"] = "1048576",
        });

        await using var load = Load.Start(client, KillTopic.Name, KillTopic.Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        foreach (var fault in faults)
        {
            var leaders = (await client.Admin.DescribeTopicAsync(KillTopic.Name)).Partitions.Select(partition => partition.LeaderId);
            var victim = leaders.ElementAt(random.Next(KillTopic.Partitions.Count));
            var began = Stopwatch.GetTimestamp();
            await BeginAsync(cluster, fault, victim);

            // Some of them of every partition, so that those of the victim have other leaders by then.
            await load.AcknowledgedAsync(1_000);
            output.WriteLine($"{fault} of broker {victim}, to 1,000 records acknowledged: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
            if (fault == Fault.Pause)
                await cluster.ResumeAsync(victim);
            else
                await cluster.StartAsync(victim);

            await client.InSyncAsync(KillTopic.Name);
            await load.AcknowledgedAsync(500);
        }

        var history = await load.StopAsync(Patience);
        _topic.Judge([.. history], await client.ReadAsync(KillTopic.Name), faults.Length);
        Assert.True(history.Count(record => record.Outcome == Outcome.Acknowledged) >= 500 + (faults.Length * 1_500));

        await client.InSyncAsync(KillTopic.Name);
        await cluster.StopAllAsync();
        cluster.AssertSameBytes(KillTopic.Name, KillTopic.Partitions);
    }

    private static Task BeginAsync(ThreeBrokers cluster, Fault fault, int victim) => fault switch
    {
        Fault.Kill => cluster.KillAsync(victim),
        Fault.Stop => cluster.StopAsync(victim),
        _ => cluster.PauseAsync(victim),
    };
}

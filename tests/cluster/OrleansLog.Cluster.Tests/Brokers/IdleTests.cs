using System.Diagnostics;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Who has nothing to do rests, also while somebody whom it followed is gone.</summary>
public class IdleTests(SharedBrokers shared) : IClassFixture<SharedBrokers>
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LittleWork = TimeSpan.FromMilliseconds(300);

    private ThreeBrokers Cluster => shared.Cluster;

    [PostgresFact]
    public async Task Followers_of_a_broker_that_leads_nothing_any_more_use_no_processor()
    {
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync("idle", 3);
        await using var load = Load.Start(client, "idle", [0, 1, 2], 0, Load.Patient());
        await load.AcknowledgedAsync(500);
        var victim = (await client.Admin.DescribeTopicAsync("idle")).Partitions[0].LeaderId;
        await Cluster.KillAsync(victim);
        await client.UntilAsync("idle", partition => partition.LeaderId >= 0 && partition.LeaderId != victim);
        await load.AcknowledgedAsync(500);
        var history = await load.FinishAsync();

        foreach (var other in ThreeBrokers.Ids.Where(id => id != victim))
            Assert.True(await Replicas.IsReachedAsync(() => RestsAsync(other)), $"broker {other} does not rest");

        await Cluster.StartAsync(victim);
        await Cluster.AssertWholeAsync(client, "idle", history);
    }

    private async Task<bool> RestsAsync(int broker)
    {
        using var process = Process.GetProcessById(Cluster.ProcessOf(broker));
        using var pause = new PeriodicTimer(Moment);
        var before = process.TotalProcessorTime;
        await pause.WaitForNextTickAsync();
        process.Refresh();
        return process.TotalProcessorTime - before < LittleWork;
    }
}

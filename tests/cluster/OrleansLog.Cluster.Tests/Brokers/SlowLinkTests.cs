using System.Diagnostics;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test of three silos on a network whose links can be made slow; skipped, with the reason, where one of both cannot be had.</summary>
public sealed class SlowNetworkFactAttribute : FactAttribute
{
    public SlowNetworkFactAttribute() => Skip = (PostgresServer.Unavailable ?? PrivateNetwork.LimitsUnavailable)!;
}

/// <summary>Fault 4: what one broker is sent comes through a thin line for a while.</summary>
public class SlowLinkTests(ITestOutputHelper output)
{
    private const string Topic = "thin";
    private const int BytesPerSecond = 250_000;

    [SlowNetworkFact]
    public async Task Who_may_not_lag_leaves_the_isr_where_its_line_does_not_carry_what_is_written()
    {
        await using var cluster = await StartAsync(lagMs: 2_000);
        await using var client = await cluster.ConnectAsync();
        var (slow, followed) = await CreateAsync(client);
        await client.CreateReplicatedAsync("flood", CutScene.Partitions.Count);
        await using var load = Load.Start(client, Topic, followed, 0, Load.Patient());
        await load.AcknowledgedAsync(500);

        await cluster.Network.LimitAsync(slow, BytesPerSecond);

        // It waits for no follower, so nothing holds it to what the line carries: a client of its own, as answers on a connection come in order.
        await using var elsewhere = await cluster.ConnectAsync();
        var hasty = Load.Patient();
        hasty.Acks = Acks.Leader;
        await using (Load.Start(elsewhere, "flood", CutScene.Partitions.Except(await client.LedByAsync("flood", slow)), 0, hasty))
        {
            await client.UntilAsync(Topic, partition => !followed.Contains(partition.Partition) || !partition.Isr.Contains(slow));
            await load.AcknowledgedAsync(2_000);
        }

        await EndAsync(cluster, client, slow, load);
    }

    [SlowNetworkFact]
    public async Task Who_may_lag_stays_and_holds_the_others_to_the_pace_of_its_line()
    {
        await using var cluster = await StartAsync(lagMs: 3_600_000);
        await using var client = await cluster.ConnectAsync();
        var (slow, followed) = await CreateAsync(client);
        await using var load = Load.Start(client, Topic, followed, 0, Load.Patient());
        await load.AcknowledgedAsync(500);

        var began = Stopwatch.GetTimestamp();
        await cluster.Network.LimitAsync(slow, BytesPerSecond);
        await load.AcknowledgedAsync(2_000);
        var took = Stopwatch.GetElapsedTime(began);

        // 600 kB, of which a fifth may have been on the way before.
        Assert.True(took > TimeSpan.FromSeconds(1), $"{took} for what takes two seconds through the line");
        await client.InSyncAsync(Topic);
        await EndAsync(cluster, client, slow, load);
    }

    private static Task<ThreeBrokers> StartAsync(int lagMs) => ThreeBrokers.StartAsync(
        launch => launch with
        {
            Settings = new Dictionary<string, string>(launch.Settings) { ["replica.lag.time.max.ms"] = lagMs.ToString(CultureInfo.InvariantCulture) },
        },
        inNetwork: true);

    /// <summary>A broker, and the partitions that it follows.</summary>
    private static async Task<(int Slow, int[] Followed)> CreateAsync(ILogClient client)
    {
        await client.CreateReplicatedAsync(Topic, CutScene.Partitions.Count);
        var slow = (await client.Admin.DescribeTopicAsync(Topic)).Partitions[0].LeaderId;
        return (slow, [.. CutScene.Partitions.Except(await client.LedByAsync(Topic, slow))]);
    }

    private async Task EndAsync(ThreeBrokers cluster, ILogClient client, int slow, Load load)
    {
        var ended = Stopwatch.GetTimestamp();
        await cluster.Network.EndLimitAsync(slow);
        await client.InSyncAsync(Topic);
        output.WriteLine($"in sync {Stopwatch.GetElapsedTime(ended).TotalMilliseconds:0} ms after the limit");
        await load.AcknowledgedAsync(500);
        await cluster.AssertWholeAsync(client, Topic, await load.FinishAsync());
    }
}

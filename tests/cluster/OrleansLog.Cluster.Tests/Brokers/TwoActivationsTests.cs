using OrleansLog.Client;
using OrleansLog.Cluster.Tests.Groups;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Three brokers, each of which coordinates some groups; sessions of members are short.</summary>
public sealed class CoordinatingBrokers : SharedBrokers
{
    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        Settings = new Dictionary<string, string>(launch.Settings)
        {
            ["offsets.topic.num.partitions"] = "3",
            ["offsets.topic.replication.factor"] = "3",
            ["min.insync.replicas"] = "2",
            ["group.min.session.timeout.ms"] = "1000",
            ["group.initial.rebalance.delay.ms"] = "0",
        },
    };
}

/// <summary>Fault 13: a silo goes on as the controller, as a coordinator and as a leader after others have become all three.</summary>
public class TwoActivationsTests(CoordinatingBrokers shared, ITestOutputHelper output) : IClassFixture<CoordinatingBrokers>
{
    private const string Topic = "twice";
    private const string Grouped = "grouped";
    private const string Offsets = "__consumer_offsets";

    private static readonly TopicPartition Committed = new(Topic, 0);

    private ThreeBrokers Cluster => shared.Cluster;

    [PostgresFact]
    public async Task Of_two_controllers_and_two_coordinators_the_later_ones_decide_and_the_earlier_ones_end()
    {
        await using var scene = await CutScene.OfControllerAsync(Cluster, Topic, isAllWritten: false);
        var victim = scene.Victim;
        int[] others = [.. ThreeBrokers.Ids.Where(id => id != victim)];
        await scene.Client.CreateReplicatedAsync(Grouped, CutScene.Partitions.Count);
        using var held = await HeldUpRequests.ConnectAsync(Cluster, victim);
        var names = await held.CoordinatedAsync(victim, [.. Enumerable.Range(0, 30).Select(static number => $"group{number}")]);
        var alone = names[0];
        await scene.Client.Admin.AlterGroupOffsetsAsync(alone, [new(Committed, 100)]);
        var coordinated = await scene.Client.LedByAsync(Offsets, victim);
        var workload = new GroupWorkload { Topics = new Dictionary<string, int> { [Grouped] = CutScene.Partitions.Count }, Producers = 1 };
        await using var groups = new GroupClients(Cluster.BootstrapServers, workload, Environment.TickCount, () => Cluster.OutputOf(others[0]));
        await groups.BeginAsync((names[1], GroupKind.Cooperative), (names[2], GroupKind.Sdk));
        await scene.AcknowledgedAsync();
        var epoch = (await Cluster.Database.DecidedAsync())[^1].Epoch;

        await Cluster.PauseAsync(victim);
        await held.CommitAsync(alone, Committed, 1);
        await held.CreateAsync("late");
        await Cluster.DeclaredDeadAsync(victim);
        await scene.LedByOthersAsync();
        await using var elsewhere = await Cluster.ConnectAsync(others[0]);
        await elsewhere.Admin.AlterGroupOffsetsAsync(alone, [new(Committed, 200)]);
        await groups.GoneOnAsync();
        Assert.NotEqual(victim, (await elsewhere.Admin.DescribeClusterAsync()).ControllerId);
        var decided = await Cluster.Database.DecidedAsync();
        Assert.True(decided[^1].Epoch > epoch, $"{decided[^1]} after epoch {epoch}");

        // It goes on with all that it believed, and with what clients wanted of it as long as they believed it too.
        var answers = Task.WhenAll(held.CommittedAsync(), held.CreatedAsync());
        Cluster.Continue(victim);
        var told = await answers;
        output.WriteLine($"the late commit was told {told[0]?.ToString() ?? "nothing"}, the late topic {told[1]?.ToString() ?? "nothing"}");
        Assert.NotEqual(ErrorCode.None, told[0]);
        await Cluster.ExitedAsync(victim);
        Assert.NotEqual(victim, (await elsewhere.Admin.DescribeClusterAsync()).ControllerId);
        await Cluster.StartAsync(victim);

        await groups.GoneOnAsync();
        await scene.Client.InSyncAsync(Topic);
        await scene.AcknowledgedAsync();
        await scene.AssertWholeAsync();
        await groups.FinishAsync();
        Assert.Equal(200, (await scene.Client.Admin.ListGroupOffsetsAsync(alone, [Committed]))[0].Offset);
        await AssertAlikeAsync(scene.Client, Grouped, CutScene.Partitions);
        await AssertAlikeAsync(scene.Client, Offsets, coordinated);
        await AssertOneDecidedAsync(decided);

        // Where it found the new controller in time, that one has made it.
        if (told[1] == ErrorCode.None)
            await scene.Client.Admin.DescribeTopicAsync("late");
    }

    private async Task AssertAlikeAsync(ILogClient client, string topic, IEnumerable<int> partitions)
    {
        await client.InSyncAsync(topic);
        await client.SameEndsAsync(topic);
        Cluster.AssertSameBytes(topic, partitions);
    }

    /// <summary>Since there is another controller, the one before has added nothing to the metadata; no version is missing, and epochs never go back.</summary>
    private async Task AssertOneDecidedAsync(IReadOnlyList<DecidedVersion> before)
    {
        var after = await Cluster.Database.DecidedAsync();
        Assert.Equal(before, after.Take(before.Count));
        Assert.All(after.Skip(before.Count), decided => Assert.True(decided.Epoch >= before[^1].Epoch, $"{decided} after {before[^1]}"));
        Assert.Equal(Enumerable.Range(1, after.Count).Select(static version => (long)version), after.Select(static decided => decided.Version));
    }
}

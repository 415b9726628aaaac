using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>D15 with three real brokers: whose files were damaged while it was away comes back with everything, and does not lead before.</summary>
[Collection(nameof(ScrubbingBrokers))]
public class DamagedReplicaTests(ScrubbingBrokers shared, ITestOutputHelper output)
{
    private static readonly int[] Partitions = [0, 1];
    private static readonly string[] OfALog = ["*.index", "*.timeindex", "*.snapshot", "leader-epoch-checkpoint"];
    private static readonly string[] OfABroker = ["recovery-point-offset-checkpoint", "replication-offset-checkpoint", "log-start-offset-checkpoint"];

    private readonly int _seed = Environment.TickCount;

    private ThreeBrokers Cluster => shared.Cluster;

    /// <summary>A start after a kill reads everything; after a clean stop the scrub comes upon it.</summary>
    [ClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Bits_that_flip_in_the_middle_of_a_log_are_found_and_fetched_anew(bool cleanStop) =>
        ComesBackWholeAsync("flipped", cleanStop, isCut: true, FlipBits);

    [PostgresFact]
    public Task Whoever_comes_back_damaged_makes_up_for_one_that_died_as_soon_as_it_has_everything_anew() =>
        ComesBackWholeAsync("short-of-one", cleanStop: false, isCut: true, FlipBits, anotherDies: true);

    /// <summary>After a kill the checkpoints may not know how much was committed; then the tail is only torn.</summary>
    [ClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_log_whose_committed_end_is_gone_is_fetched_anew(bool cleanStop) =>
        ComesBackWholeAsync("cut", cleanStop, isCut: cleanStop, (victim, topic) =>
        {
            foreach (var partition in Partitions)
                DamagedFiles.CutInHalf(SegmentsOf(victim, topic, partition)[^1]);
        });

    [ClusterTheory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Garbage_in_all_files_but_the_records_costs_no_record(bool cleanStop) =>
        ComesBackWholeAsync("garbage", cleanStop, isCut: false, (victim, topic) =>
        {
            var random = new Random(_seed);
            foreach (var file in OfABroker.Select(name => Path.Combine(Cluster.DataOf(victim), name)).Concat(Partitions.SelectMany(partition => FilesOf(victim, topic, partition))))
                DamagedFiles.Overwrite(file, random);
        });

    private async Task ComesBackWholeAsync(string topic, bool cleanStop, bool isCut, Action<int, string> damage, bool anotherDies = false)
    {
        topic += cleanStop ? "-stop" : "-kill";
        await using var client = await Cluster.ConnectAsync();
        await client.CreateReplicatedAsync(topic, Partitions.Length);
        await using var load = Load.Start(client, topic, Partitions, 0, Load.Patient());
        await load.AcknowledgedAsync(10_000);
        var victim = (await client.Admin.DescribeTopicAsync(topic)).Partitions[0].LeaderId;
        await (cleanStop ? Cluster.StopAsync(victim) : Cluster.KillAsync(victim));
        damage(victim, topic);
        await load.AcknowledgedAsync(1_000);
        var another = ThreeBrokers.Ids.First(id => id != victim);
        if (anotherDies)
            await Cluster.KillAsync(another);

        await Cluster.StartAsync(victim);
        foreach (var partition in isCut ? Partitions : [])
            await Cluster.SaysAsync(victim, WentBack(topic, partition));

        // More than can be on the way: those at the end were sent after it came back.
        await load.AcknowledgedAsync(1_500);
        if (anotherDies)
            await Cluster.StartAsync(another);

        await Cluster.AssertWholeAsync(client, topic, await load.FinishAsync());
        var said = Cluster.OutputOf(victim);
        output.WriteLine($"seed {_seed}, broker {victim}, of {topic}:\n{string.Join('\n', said.Split('\n').Where(line => line.Contains(topic, StringComparison.Ordinal)))}");
        foreach (var partition in isCut ? Partitions : [])
        {
            var led = said.IndexOf($"{topic}-{partition} is led by this broker", StringComparison.Ordinal);
            Assert.InRange(said.IndexOf(WentBack(topic, partition), StringComparison.Ordinal), 0, led < 0 ? said.Length : led);
        }
    }

    private void FlipBits(int victim, string topic)
    {
        foreach (var partition in Partitions)
            DamagedFiles.FlipABitInTheMiddle(SegmentsOf(victim, topic, partition)[0]);
    }

    private static string WentBack(string topic, int partition) => $"Replica {topic}-{partition} went back from offset";

    private string[] SegmentsOf(int id, string topic, int partition)
    {
        var segments = Directory.GetFiles(Cluster.FolderOf(id, topic, partition), "*.log").Order(StringComparer.Ordinal).ToArray();
        Assert.True(segments.Length >= 2, $"{segments.Length} segments");
        return segments;
    }

    private IEnumerable<string> FilesOf(int id, string topic, int partition)
    {
        var found = OfALog.Select(pattern => Directory.GetFiles(Cluster.FolderOf(id, topic, partition), pattern)).ToArray();
        Assert.All(found, Assert.NotEmpty);
        return found.SelectMany(files => files);
    }
}

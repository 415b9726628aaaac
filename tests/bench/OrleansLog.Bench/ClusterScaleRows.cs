using System.Diagnostics;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>What a cluster's partitions cost when nothing happens, when something happens to one of them, and when the broker that leads a third of them dies.</summary>
internal sealed class ClusterScaleRows(string published, Scale scale)
{
    private const int Reference = 100;
    private const int IdleSeconds = 10;
    private const int Moves = 20;
    private const int TopicPartitionsMax = 1_000;
    private const short ReassignVersion = 0;
    private const string One = "one";

    private static readonly int[] Counts = [1, Reference, 1_000, 5_000];

    public async IAsyncEnumerable<BenchRow> RunAsync()
    {
        var rows = new List<(int Count, string What, string Unit, double Value)>();
        await using var cluster = await ClusterUnderTest.StartAsync(published, isBrisk: false);
        await cluster.CreateTopicAsync(One, 1, 3);
        var made = 1;
        foreach (var count in Counts)
        {
            var wanted = count == 1 ? 1 : scale.Of(count);
            for (var topic = 0; made < wanted; topic++)
            {
                var partitions = Math.Min(TopicPartitionsMax, wanted - made);
                await cluster.CreateTopicAsync(string.Create(CultureInfo.InvariantCulture, $"of-{count}-{topic}"), partitions, 3);
                made += partitions;
            }

            await cluster.WholeAsync();
            rows.Add((count, "CPU of three brokers when idle", "ms/s", await IdleAsync(cluster)));
            var (seconds, cpuSeconds) = await MoveAsync(cluster);
            rows.Add((count, "one replica leaves and comes back, to the whole ISR", "ms", seconds * 1000 / Moves));
            rows.Add((count, "CPU of three brokers for that", "ms", cpuSeconds * 1000 / Moves));
            rows.Add((count, "kill -9 of a broker to other leaders for all it led", "ms", await FailAsync(cluster)));
        }

        foreach (var row in rows.OrderBy(row => rows.FindIndex(other => other.What == row.What)).ThenBy(static row => row.Count))
        {
            var reference = rows.Find(other => other.What == row.What && other.Count == Reference).Value;
            yield return new BenchRow($"{row.What}, {row.Count:N0} partitions of 3 replicas", row.Unit, row.Value, reference, row.Value / reference, "as the partitions touched", $"the same with {Reference}");
        }
    }

    private static async Task<double> IdleAsync(ClusterUnderTest cluster)
    {
        await Task.Delay(TimeSpan.FromSeconds(IdleSeconds));
        var before = cluster.CpuSeconds;
        await Task.Delay(TimeSpan.FromSeconds(IdleSeconds));
        return (cluster.CpuSeconds - before) * 1000 / IdleSeconds;
    }

    /// <summary>One partition gives a replica up and takes it again, a number of times.</summary>
    private static async Task<(double Seconds, double CpuSeconds)> MoveAsync(ClusterUnderTest cluster)
    {
        var replicas = (await cluster.Client.Admin.DescribeTopicAsync(One)).Partitions[0].Replicas;
        using var kafka = RawKafka.Connect(cluster.KafkaAddress);
        var cpu = cluster.CpuSeconds;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Moves; i++)
        {
            foreach (var wanted in new[] { replicas[..2], replicas })
            {
                var answer = kafka.Ask<AlterPartitionReassignmentsRequestData, AlterPartitionReassignmentsResponseData>(
                    new() { TimeoutMs = 30_000, Topics = [new() { Name = One, Partitions = [new() { PartitionIndex = 0, Replicas = [.. wanted] }] }] }, ReassignVersion);
                if (answer.ErrorCode != Protocol.ErrorCode.None || answer.Responses[0].Partitions[0].ErrorCode != Protocol.ErrorCode.None)
                    throw new InvalidOperationException($"a move is refused: {answer.ErrorCode} {answer.ErrorMessage}");

                await ClusterUnderTest.UntilAsync(async () => (await cluster.Client.Admin.DescribeTopicAsync(One)).Partitions[0].Isr.Length == wanted.Length);
            }
        }

        return (clock.Elapsed.TotalSeconds, cluster.CpuSeconds - cpu);
    }

    /// <summary>From the kill until another broker leads every partition, as a client that asks for all topics sees it.</summary>
    private static async Task<double> FailAsync(ClusterUnderTest cluster)
    {
        var controller = (await cluster.Client.Admin.DescribeClusterAsync()).ControllerId;
        var victim = new[] { 1, 2, 3 }.First(id => id != controller);
        var clock = Stopwatch.StartNew();
        await cluster.KillAsync(victim);
        await ClusterUnderTest.UntilAsync(async () => (await cluster.Client.Admin.ListTopicsAsync()).All(
            topic => topic.Partitions.All(partition => partition.LeaderId >= 0 && partition.LeaderId != victim)));
        var elapsedMs = clock.Elapsed.TotalMilliseconds;
        await cluster.BeginAgainAsync(victim);
        await cluster.WholeAsync();
        return elapsedMs;
    }
}

using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;

namespace OrleansLog.Cluster.Tests;

/// <summary>The topic of the tests that kill a broker under load, and the verdict over what is in it.</summary>
internal sealed class KillTopic(int seed)
{
    public const string Name = "kill";

    public static IReadOnlyList<int> Partitions { get; } = [0, 1, 2];

    /// <summary>Of the test's choices; told when the verdict is bad.</summary>
    public int Seed => seed;

    public static async Task CreateAsync(ILogClient client, string flushPolicy) => await client.Admin.CreateTopicAsync(
        Name, Partitions.Count, configs: new Dictionary<string, string>
        {
            ["orleanslog.flush.policy"] = flushPolicy,
            ["segment.bytes"] = "1048576",
        });

    public void Judge(List<SentRecord> sent, IReadOnlyList<ReadRecord> read, int round)
    {
        var findings = HistoryChecker.Check(sent, read);
        Assert.True(findings.Count == 0, $"round {round}, seed {seed}: {findings.Count} anomalies\n{string.Join('\n', findings.Take(20))}");
    }
}

using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>The cluster at one moment.</summary>
/// <param name="Cluster">Its id and its controller.</param>
/// <param name="Brokers">All brokers.</param>
/// <param name="Topics">How many topics it has, the brokers' own included.</param>
/// <param name="Partitions">How many partitions these have.</param>
/// <param name="Problems">The partitions that are not as they should be, the worst first.</param>
internal sealed record ClusterPicture(
    ClusterDescription Cluster, IReadOnlyList<BrokerLoad> Brokers, int Topics, int Partitions, IReadOnlyList<PartitionHealth> Problems)
{
    private const string MinIsrKey = "min.insync.replicas";

    /// <summary>A topic's configuration is large, its documentation with it: so many are asked for at once.</summary>
    private const int TopicsPerQuestion = 100;

    /// <summary>Every partition has a leader, and all replicas are in sync.</summary>
    public bool IsHealthy => Count(PartitionProblems.Offline | PartitionProblems.UnderReplicated) == 0;

    /// <summary>Partitions that have one of the problems.</summary>
    public int Count(PartitionProblems problems) => Problems.Count(partition => partition.Has(problems));

    public static async Task<ClusterPicture> ReadAsync(ILogAdmin admin, CancellationToken cancellationToken)
    {
        var cluster = await admin.DescribeClusterAsync(includeFencedBrokers: true, cancellationToken);
        var topics = await admin.ListTopicsAsync(includeInternal: true, cancellationToken);
        var problems = topics.SelectMany(static topic => topic.Partitions.Select(partition => new PartitionHealth(topic.Name, partition)))
            .Where(static partition => partition.Problems != PartitionProblems.None).ToArray();
        var minIsrs = await ReadMinIsrsAsync(
            admin, problems.Where(static partition => partition.Has(PartitionProblems.UnderReplicated)).Select(static partition => partition.Topic).Distinct(StringComparer.Ordinal), cancellationToken);
        return new ClusterPicture(
            cluster, BrokerLoad.Of(cluster, topics), topics.Count, topics.Sum(static topic => topic.Partitions.Length),
            [
                .. problems.Select(partition => minIsrs.TryGetValue(partition.Topic, out var minIsr)
                        ? partition with { MinIsr = Math.Min(minIsr, partition.Partition.Replicas.Length) } : partition)
                    .OrderByDescending(static partition => partition.Problems)
                    .ThenBy(static partition => partition.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Partition.Partition),
            ]);
    }

    // A topic that was deleted in between has no answer, and needs none.
    private static async Task<Dictionary<string, int>> ReadMinIsrsAsync(ILogAdmin admin, IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        var minIsrs = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var some in topics.Chunk(TopicsPerQuestion))
        {
            var configs = await admin.DescribeConfigsAsync(some.Select(static topic => new ConfigResource(ConfigResourceType.Topic, topic)), cancellationToken);
            foreach (var config in configs.Where(static config => config.Error == ErrorCode.None))
            {
                if (int.TryParse(config.Values.FirstOrDefault(static value => value.Name == MinIsrKey)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var minIsr))
                {
                    minIsrs[config.Resource.Name] = minIsr;
                }
            }
        }

        return minIsrs;
    }
}

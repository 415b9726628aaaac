using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Which partitions of a topic a command is about.</summary>
internal static class PartitionSelection
{
    /// <summary>Those asked for, or all; each exists.</summary>
    public static async Task<TopicPartition[]> ResolveAsync(
        ILogAdmin admin, string topic, IReadOnlyCollection<int>? wanted, CancellationToken cancellationToken)
    {
        var description = await DescribeAsync(admin, topic, cancellationToken);
        var all = description.Partitions.Select(partition => partition.Partition).ToArray();
        if (wanted is not { Count: > 0 })
        {
            return Array.ConvertAll(all, partition => new TopicPartition(topic, partition));
        }

        foreach (var partition in wanted)
        {
            if (!all.Contains(partition))
            {
                throw NoPartition(topic, partition, all.Length);
            }
        }

        return [.. wanted.Distinct().Order().Select(partition => new TopicPartition(topic, partition))];
    }

    /// <summary>A partition that a topic does not have.</summary>
    public static CliException NoPartition(string topic, int partition, int count) => new(
        ExitCode.NotFound, $"topic '{topic}' has no partition {partition}; it has {(count == 1 ? "only 0" : $"0 to {count - 1}")}");

    /// <summary>The topic, or a "not found" that names it.</summary>
    public static async Task<TopicDescription> DescribeAsync(ILogAdmin admin, string topic, CancellationToken cancellationToken)
    {
        var description = (await admin.DescribeTopicsAsync([topic], cancellationToken))[0];
        return description.Error == ErrorCode.None
            ? description
            : throw Failures.Topic(description.Error, null, topic);
    }
}

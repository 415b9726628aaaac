using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>What <c>olog topic list|describe</c> shows.</summary>
internal static class TopicActions
{
    public static async Task<ExitCode> ListAsync(Invocation invocation, ILogAdmin admin, bool includeInternal)
    {
        var topics = await admin.ListTopicsAsync(includeInternal, invocation.Cancellation);
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, [.. topics.Select(topic => ToDocument(topic, null, withPartitions: false))], DocumentContext.Default.IReadOnlyListTopicDocument);
            return ExitCode.Ok;
        }

        var table = new Table("TOPIC", "PARTITIONS", "REPLICATION");
        foreach (var topic in topics)
        {
            table.Add(topic.Name, Text(topic.Partitions.Length), Text(ReplicationOf(topic)));
        }

        table.WriteTo(invocation.Io);
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> DescribeAsync(Invocation invocation, ILogAdmin admin, string[] names)
    {
        var topics = await admin.DescribeTopicsAsync(names, invocation.Cancellation);
        var documents = new List<TopicDocument>();
        foreach (var topic in topics)
        {
            if (topic.Error != ErrorCode.None)
            {
                throw Failures.Topic(topic.Error, null, topic.Name);
            }

            var configs = (await admin.DescribeTopicConfigAsync(topic.Name, invocation.Cancellation))
                .Where(config => config.Source == ConfigSource.DynamicTopicConfig)
                .ToDictionary(config => config.Name, config => config.Value ?? "", StringComparer.Ordinal);
            documents.Add(ToDocument(topic, configs, withPartitions: true));
        }

        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, documents, DocumentContext.Default.IReadOnlyListTopicDocument);
        }
        else
        {
            documents.ForEach(topic => Write(invocation.Io, topic));
        }

        return ExitCode.Ok;
    }

    private static void Write(CliIo io, TopicDocument topic)
    {
        var configs = topic.Configs is { Count: > 0 } set ? string.Join(' ', set.Select(pair => $"{pair.Key}={pair.Value}")) : "none set";
        io.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"topic {topic.Name}  id {topic.TopicId}  partitions {topic.PartitionCount}  replication {topic.ReplicationFactor}  configs {configs}"));
        var table = new Table("PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "ELR", "OFFLINE", "STATE");
        foreach (var partition in topic.Partitions!)
        {
            table.Add(
                Text(partition.Partition), partition.Leader < 0 ? "none" : Text(partition.Leader), Text(partition.LeaderEpoch),
                Text(partition.Replicas), Text(partition.Isr), Text(partition.EligibleLeaderReplicas), Text(partition.OfflineReplicas), partition.Error ?? "ok");
        }

        table.WriteTo(io);
    }

    private static TopicDocument ToDocument(TopicDescription topic, IReadOnlyDictionary<string, string>? configs, bool withPartitions) => new(
        topic.Name, Uuid.FromGuid(topic.TopicId).ToString(), topic.Partitions.Length, ReplicationOf(topic), topic.IsInternal,
        withPartitions ? Array.ConvertAll(topic.Partitions, ToDocument) : null, configs);

    private static PartitionDocument ToDocument(PartitionDescription partition) => new(
        partition.Partition, partition.LeaderId, partition.LeaderEpoch, partition.Replicas, partition.Isr,
        partition.EligibleLeaderReplicas, partition.OfflineReplicas,
        partition.Error == ErrorCode.None ? null : partition.Error.KafkaName());

    private static int ReplicationOf(TopicDescription topic) => topic.Partitions.Length == 0 ? 0 : topic.Partitions.Max(partition => partition.Replicas.Length);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int[] numbers) => string.Join(',', numbers.Select(Text));
}

using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>What <c>olog topic ...</c> does.</summary>
internal static class TopicActions
{
    public static async Task<ExitCode> CreateAsync(
        Invocation invocation, ILogAdmin admin, NewTopic[] topics, bool ifNotExists, bool validateOnly)
    {
        var results = await admin.CreateTopicsAsync(topics, validateOnly, invocation.Cancellation);
        return Report(invocation, results, validateOnly ? "valid" : "created", ifNotExists ? ErrorCode.TopicAlreadyExists : null, "exists");
    }

    /// <summary>What deleting topics would do; a topic that is not there is an error, unless it was said not to be.</summary>
    public static async Task<IReadOnlyList<string>> PlanDeletionAsync(Invocation invocation, ILogAdmin admin, string[] names, bool ifExists)
    {
        var topics = await admin.DescribeTopicsAsync(names, invocation.Cancellation);
        var failed = topics.FirstOrDefault(topic => topic.Error != ErrorCode.None && !(ifExists && topic.Error == ErrorCode.UnknownTopicOrPartition));
        return failed is null
            ? [.. topics.Where(topic => topic.Error == ErrorCode.None).Select(topic => $"delete topic {topic.Name} with all records of its {Sizes.Partitions(topic.Partitions.Length)}")]
            : throw Failures.Exception(failed.Error, null, $"topic '{failed.Name}'");
    }

    public static async Task<ExitCode> DeleteAsync(Invocation invocation, ILogAdmin admin, string[] names, bool ifExists)
    {
        var results = await admin.DeleteTopicsAsync(names, invocation.Cancellation);
        return Report(invocation, results, "deleted", ifExists ? ErrorCode.UnknownTopicOrPartition : null, "does not exist");
    }

    public static async Task<ExitCode> AlterAsync(
        Invocation invocation, ILogAdmin admin, string name, int? partitions, ConfigChange[] changes, bool validateOnly)
    {
        if (changes.Length > 0)
        {
            // Configuration first: it is refused as a whole where a value is wrong, and then nothing has changed.
            await ConfigActions.ApplyAsync(admin, new ConfigResource(ConfigResourceType.Topic, name), changes, validateOnly, invocation.Cancellation);
        }

        if (partitions is { } count)
        {
            var results = await admin.CreatePartitionsAsync([new NewPartitions(name, count)], validateOnly, invocation.Cancellation);
            return Report(invocation, results, validateOnly ? "valid" : "altered", null, "");
        }

        return Report(invocation, [new TopicResult { Name = name, Partitions = -1 }], validateOnly ? "valid" : "altered", null, "");
    }

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
                throw Failures.Exception(topic.Error, null, $"topic '{topic.Name}'");
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

    private static ExitCode Report(Invocation invocation, IReadOnlyList<TopicResult> results, string done, ErrorCode? accepted, string acceptedAs)
    {
        var documents = results.Select(result => new TopicChangeDocument(
            result.Name,
            result.Error == ErrorCode.None ? done : result.Error == accepted ? acceptedAs : "refused",
            result is { Error: ErrorCode.None, Partitions: > 0 } ? result.Partitions : null,
            result is { Error: ErrorCode.None, ReplicationFactor: > 0 } ? result.ReplicationFactor : null,
            result.TopicId == Guid.Empty ? null : Uuid.FromGuid(result.TopicId).ToString(),
            result.Error == ErrorCode.None || result.Error == accepted ? null : result.Error.KafkaName(),
            result.Error == ErrorCode.None ? null : result.Message)).ToArray();
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, documents, DocumentContext.Default.IReadOnlyListTopicChangeDocument);
        }
        else
        {
            foreach (var document in documents.Where(document => document.Error is null))
            {
                var counts = document.PartitionCount is { } count ? $": {Sizes.Partitions(count)}{Replicas(document)}" : "";
                invocation.Io.Text.WriteLine($"{document.Change} topic {document.Name}{counts}");
            }
        }

        var failures = results.Where(result => result.Error != ErrorCode.None && result.Error != accepted).ToArray();
        return failures.Length == 0
            ? ExitCode.Ok
            : throw Failures.Exception(failures[0].Error, failures[0].Message, failures.Length == 1
                ? $"topic '{failures[0].Name}'" : $"{failures.Length} of {results.Count} topics, first '{failures[0].Name}'");
    }

    private static string Replicas(TopicChangeDocument document) =>
        document.ReplicationFactor is { } factor ? string.Create(CultureInfo.InvariantCulture, $", replication {factor}") : "";

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

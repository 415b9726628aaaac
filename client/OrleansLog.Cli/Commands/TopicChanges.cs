using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>What <c>olog topic create|alter|delete</c> does.</summary>
internal static class TopicChanges
{
    public static async Task<ExitCode> CreateAsync(
        Invocation invocation, ILogAdmin admin, NewTopic[] topics, bool ifNotExists, bool validateOnly)
    {
        var results = await admin.CreateTopicsAsync(topics, validateOnly, invocation.Cancellation);
        return Report(
            invocation, results, validateOnly ? new Wording("valid", "would create topic {0}") : new Wording("created", "created topic {0}"),
            ifNotExists ? ErrorCode.TopicAlreadyExists : null, new Wording("exists", "topic {0} exists already"));
    }

    /// <summary>What deleting topics would do; a topic that is not there is an error, unless it was said not to be.</summary>
    public static async Task<IReadOnlyList<string>> PlanDeletionAsync(Invocation invocation, ILogAdmin admin, string[] names, bool ifExists)
    {
        var topics = await admin.DescribeTopicsAsync(names, invocation.Cancellation);
        var failed = topics.FirstOrDefault(topic => topic.Error != ErrorCode.None && !(ifExists && topic.Error == ErrorCode.UnknownTopicOrPartition));
        return failed is null
            ? [.. topics.Where(topic => topic.Error == ErrorCode.None).Select(topic => $"delete topic {topic.Name} with all records of its {Sizes.Partitions(topic.Partitions.Length)}")]
            : throw Failures.Topic(failed.Error, null, failed.Name);
    }

    public static async Task<ExitCode> DeleteAsync(Invocation invocation, ILogAdmin admin, string[] names, bool ifExists)
    {
        var results = await admin.DeleteTopicsAsync(names, invocation.Cancellation);
        return Report(
            invocation, results, new Wording("deleted", "deleted topic {0}"),
            ifExists ? ErrorCode.UnknownTopicOrPartition : null, new Wording("does not exist", "topic {0} does not exist"));
    }

    public static async Task<ExitCode> AlterAsync(
        Invocation invocation, ILogAdmin admin, string name, int? partitions, ConfigChange[] changes, bool validateOnly)
    {
        var topic = await PartitionSelection.DescribeAsync(admin, name, invocation.Cancellation);
        var told = new List<string>();
        if (partitions is { } wanted)
        {
            // Asked first, done last: what is refused leaves everything as it was.
            await GrowAsync(invocation, admin, name, wanted, validateOnly: true);
            told.Add($"{Sizes.Partitions(wanted)}, {Sizes.Count(topic.Partitions.Length)} before");
        }

        told.AddRange(await ConfigActions.ChangeAsync(admin, new ConfigResource(ConfigResourceType.Topic, name), changes, validateOnly, invocation.Cancellation));
        if (partitions is { } count && !validateOnly)
        {
            await GrowAsync(invocation, admin, name, count, validateOnly: false);
        }

        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io, [new TopicChangeDocument(name, validateOnly ? "valid" : "altered", partitions, Changes: told)],
                DocumentContext.Default.IReadOnlyListTopicChangeDocument);
        }
        else
        {
            invocation.Io.Text.WriteLine($"{(validateOnly ? "would alter" : "altered")} topic {name}: {string.Join("; ", told)}");
        }

        return ExitCode.Ok;
    }

    private static async Task GrowAsync(Invocation invocation, ILogAdmin admin, string name, int count, bool validateOnly)
    {
        var result = (await admin.CreatePartitionsAsync([new NewPartitions(name, count)], validateOnly, invocation.Cancellation))[0];
        if (result.Error != ErrorCode.None)
        {
            throw Failures.Topic(result.Error, result.Message, name);
        }
    }

    private static ExitCode Report(Invocation invocation, IReadOnlyList<TopicResult> results, Wording done, ErrorCode? accepted, Wording acceptedAs)
    {
        var documents = results.Select(result => new TopicChangeDocument(
            result.Name,
            result.Error == ErrorCode.None ? done.Word : result.Error == accepted ? acceptedAs.Word : "refused",
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
                var wording = document.Change == done.Word ? done : acceptedAs;
                var counts = document.PartitionCount is { } count ? $": {Sizes.Partitions(count)}{Replicas(document)}" : "";
                invocation.Io.Text.WriteLine(string.Format(CultureInfo.InvariantCulture, wording.Sentence, document.Name) + counts);
            }
        }

        var failures = results.Where(result => result.Error != ErrorCode.None && result.Error != accepted).ToArray();
        if (failures.Length == 0)
        {
            return ExitCode.Ok;
        }

        var first = Failures.Topic(failures[0].Error, failures[0].Message, failures[0].Name);
        throw results.Count == 1 ? first
            : new CliException(first.ExitCode, $"{Sizes.Count(failures.Length)} of {Sizes.Count(results.Count, "topic")} refused: {first.Message}");
    }

    private static string Replicas(TopicChangeDocument document) =>
        document.ReplicationFactor is { } factor ? string.Create(CultureInfo.InvariantCulture, $", replication {factor}") : "";

    /// <summary>How an outcome reads: as a word for programs and as a sentence about the topic for people.</summary>
    private readonly record struct Wording(string Word, string Sentence);
}

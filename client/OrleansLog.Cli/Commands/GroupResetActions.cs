using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>What <c>olog group reset-offsets|delete-offsets</c> does.</summary>
internal static class GroupResetActions
{
    public static async Task<ExitCode> ResetAsync(
        Invocation invocation, ILogAdmin admin, string group, string[] topics, OffsetReset reset, bool isExecuted)
    {
        var partitions = topics.Length > 0
            ? await GroupTopics.ResolveAsync(admin, topics, invocation.Cancellation)
            : [.. (await admin.ListGroupOffsetsAsync(group, null, invocation.Cancellation)).Select(static offset => offset.Partition)];
        if (partitions.Length == 0)
        {
            throw new CliException(ExitCode.NotFound, $"group '{group}' has no offsets; name topics with --topic");
        }

        var steps = await admin.ResetGroupOffsetsAsync(group, partitions, reset, dryRun: !isExecuted, invocation.Cancellation);
        return await TellAsync(invocation, group, steps, isExecuted);
    }

    /// <summary>Moves offsets to what a file says, each to the nearest that is there, all at once.</summary>
    public static async Task<ExitCode> ResetFromFileAsync(Invocation invocation, ILogAdmin admin, string group, string path, bool isExecuted)
    {
        var offsets = await OffsetFile.ReadAsync(path, invocation.Cancellation);
        foreach (var topic in offsets.GroupBy(static offset => offset.Partition.Topic, StringComparer.Ordinal))
        {
            _ = await PartitionSelection.ResolveAsync(admin, topic.Key, [.. topic.Select(static offset => offset.Partition.Partition)], invocation.Cancellation);
        }

        var steps = new List<OffsetResetStep>();
        foreach (var same in offsets.GroupBy(static offset => offset.Offset))
        {
            steps.AddRange(await admin.ResetGroupOffsetsAsync(
                group, same.Select(static offset => offset.Partition), OffsetReset.To(StartAt.Offset(same.Key)), dryRun: true, invocation.Cancellation));
        }

        if (isExecuted)
        {
            await admin.AlterGroupOffsetsAsync(group, steps.Select(static step => new TopicPartitionOffset(step.Partition, step.NewOffset)), invocation.Cancellation);
        }

        return await TellAsync(
            invocation, group, [.. steps.OrderBy(static step => step.Partition.Topic, StringComparer.Ordinal).ThenBy(static step => step.Partition.Partition)], isExecuted);
    }

    private static async Task<ExitCode> TellAsync(Invocation invocation, string group, IReadOnlyList<OffsetResetStep> steps, bool isExecuted)
    {
        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io,
                [.. steps.Select(step => new OffsetResetDocument(group, step.Partition.Topic, step.Partition.Partition, step.CommittedOffset, step.NewOffset, isExecuted))],
                DocumentContext.Default.IReadOnlyListOffsetResetDocument);
            return ExitCode.Ok;
        }

        var table = new Table("GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "NEW-OFFSET");
        foreach (var step in steps)
        {
            table.Add(group, step.Partition.Topic, Text(step.Partition.Partition), Text(step.CommittedOffset), Text(step.NewOffset));
        }

        table.WriteTo(invocation.Io);
        if (!isExecuted)
        {
            invocation.Io.Flush();
            await invocation.Io.Error.WriteLineAsync("note: nothing was changed; --execute does it".AsMemory(), invocation.Cancellation);
        }

        return ExitCode.Ok;
    }

    /// <summary>What forgetting offsets would do.</summary>
    public static async Task<IReadOnlyList<string>> PlanDeletionAsync(Invocation invocation, ILogAdmin admin, string group, string[] topics) =>
        [.. (await CommittedAsync(invocation, admin, group, topics)).Select(partition => $"forget the offset of group {group} for {partition}")];

    public static async Task<ExitCode> DeleteAsync(Invocation invocation, ILogAdmin admin, string group, string[] topics)
    {
        var partitions = await CommittedAsync(invocation, admin, group, topics);
        await admin.DeleteGroupOffsetsAsync(group, partitions, invocation.Cancellation);
        if (invocation.IsJson)
        {
            JsonOutput.Write(
                invocation.Io, [.. partitions.Select(static partition => new TopicPartitionDocument(partition.Topic, partition.Partition))],
                DocumentContext.Default.IReadOnlyListTopicPartitionDocument);
        }
        else
        {
            foreach (var partition in partitions)
            {
                invocation.Io.Text.WriteLine($"deleted the offset of group {group} for {partition}");
            }
        }

        return ExitCode.Ok;
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static async Task<TopicPartition[]> CommittedAsync(Invocation invocation, ILogAdmin admin, string group, string[] topics)
    {
        // Also of topics that are gone: what is left of them is what one wants to be rid of.
        var committed = await admin.ListGroupOffsetsAsync(group, null, invocation.Cancellation);
        var wanted = topics.Select(static text => GroupTopics.TryParse(text, out var topic, out var numbers) ? (topic, numbers) : default).ToArray();
        TopicPartition[] partitions =
        [
            .. committed.Select(static offset => offset.Partition).Where(partition =>
                wanted.Any(want => want.topic == partition.Topic && (want.numbers.Length == 0 || want.numbers.Contains(partition.Partition)))),
        ];
        if (partitions.Length == 0)
        {
            throw new CliException(ExitCode.NotFound, $"group '{group}' has no offsets of {string.Join(", ", topics)}");
        }

        return partitions;
    }
}

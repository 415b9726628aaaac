using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>A file of offsets as Kafka's tools write and read it: <c>topic,partition,offset</c>, a line each.</summary>
internal static class OffsetFile
{
    private const string Form = "TOPIC,PARTITION,OFFSET";

    /// <summary>What the file says; a partition is named once.</summary>
    public static async Task<IReadOnlyList<TopicPartitionOffset>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string[] lines;
        try
        {
            lines = await File.ReadAllLinesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"{path}: no such file", e);
        }

        var offsets = new Dictionary<TopicPartition, TopicPartitionOffset>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].AsSpan().Trim().IsEmpty)
            {
                continue;
            }

            var offset = Parse(lines[i]) ?? throw Wrong(path, i, $"'{lines[i]}' is not {Form}");
            if (!offsets.TryAdd(offset.Partition, offset))
            {
                throw Wrong(path, i, $"{offset.Partition} was named before");
            }
        }

        return offsets.Count > 0 ? [.. offsets.Values] : throw new CliException(ExitCode.Error, $"{path}: no offsets in it; write {Form}, a line each");
    }

    private static TopicPartitionOffset? Parse(string line) => line.Split(',') is [var topic, var partition, var offset]
        && topic.Trim().Trim('"') is { Length: > 0 } name
        && int.TryParse(partition.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(offset.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new TopicPartitionOffset(new TopicPartition(name, number), at) : null;

    private static CliException Wrong(string path, int line, string what) =>
        new(ExitCode.Error, string.Create(CultureInfo.InvariantCulture, $"{path} line {line + 1}: {what}"));
}

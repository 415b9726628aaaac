using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Reads <c>TOPIC[:N,...]</c>.</summary>
internal static class GroupTopics
{
    public static bool TryParse(string text, out string topic, out int[] partitions)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        topic = colon < 0 ? text : text[..colon];
        var numbers = colon < 0 ? [] : text[(colon + 1)..].Split(',');
        partitions = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out partitions[i]))
            {
                return false;
            }
        }

        return topic.Length > 0;
    }

    /// <summary>The partitions that are meant; they exist.</summary>
    public static async Task<TopicPartition[]> ResolveAsync(ILogAdmin admin, IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var partitions = new List<TopicPartition>();
        foreach (var text in texts)
        {
            _ = TryParse(text, out var topic, out var numbers);
            partitions.AddRange(await PartitionSelection.ResolveAsync(admin, topic, numbers, cancellationToken));
        }

        return [.. partitions.Distinct()];
    }
}

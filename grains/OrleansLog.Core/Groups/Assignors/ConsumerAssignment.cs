using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>The consumer protocol's assignment (ConsumerProtocolAssignment), as clients of every age read it.</summary>
public static class ConsumerAssignment
{
    /// <summary>Version 1 without user data.</summary>
    /// <param name="partitions">In any order; written by topic.</param>
    public static byte[] Write(IReadOnlyList<TopicPartitionName> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var byTopic = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var (topic, partition) in partitions)
        {
            if (!byTopic.TryGetValue(topic, out var numbers))
                byTopic[topic] = numbers = [];

            numbers.Add(partition);
        }

        var writer = new RecordWriter().Int16(1).Int32(byTopic.Count);
        foreach (var (topic, numbers) in byTopic)
        {
            writer.String(topic).Int32(numbers.Count);
            foreach (var number in numbers)
                writer.Int32(number);
        }

        return writer.Int32(-1).ToArray();
    }

    /// <summary>Reads what a leader assigned; null when the bytes are not an assignment.</summary>
    public static IReadOnlyList<TopicPartitionName>? TryRead(ReadOnlySpan<byte> assignment)
    {
        if (assignment.IsEmpty)
            return [];

        var partitions = new List<TopicPartitionName>();
        var reader = new RecordReader(assignment);
        var version = reader.Int16();
        for (var count = reader.Count(smallestElement: 6); count > 0 && !reader.Failed; count--)
        {
            var topic = reader.String() ?? "";
            for (var left = reader.Count(smallestElement: 4); left > 0 && !reader.Failed; left--)
                partitions.Add(new(topic, reader.Int32()));
        }

        return reader.Failed || version < 0 ? null : partitions;
    }
}

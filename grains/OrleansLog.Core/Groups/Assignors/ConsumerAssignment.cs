using OrleansLog.Log;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>The consumer protocol's assignment (ConsumerProtocolAssignment), as clients of every age read it.</summary>
public static class ConsumerAssignment
{
    private const short Version = 1;

    /// <summary>Version 1 without user data.</summary>
    /// <param name="partitions">In any order; written by topic.</param>
    public static byte[] Write(IReadOnlyList<TopicPartitionName> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var byTopic = new SortedDictionary<string, ConsumerProtocolAssignment.TopicPartition>(StringComparer.Ordinal);
        foreach (var (topic, partition) in partitions)
        {
            if (!byTopic.TryGetValue(topic, out var ofTopic))
                byTopic[topic] = ofTopic = new() { Topic = topic };

            ofTopic.Partitions.Add(partition);
        }

        var assignment = new ConsumerProtocolAssignment();
        assignment.AssignedPartitions.AddRange(byTopic.Values);
        return VersionedBytes.Write(Version, assignment, Version);
    }

    /// <summary>Reads what a leader assigned, of newer versions what the newest known one has; null when the bytes are not an assignment.</summary>
    public static IReadOnlyList<TopicPartitionName>? TryRead(ReadOnlySpan<byte> assignment)
    {
        if (assignment.IsEmpty)
            return [];

        var version = Math.Min(VersionedBytes.Prefix(assignment), ConsumerProtocolAssignment.HighestVersion);
        if (version < 0 || VersionedBytes.Read<ConsumerProtocolAssignment>(assignment, version) is not { } read)
            return null;

        var partitions = new List<TopicPartitionName>();
        foreach (var ofTopic in read.AssignedPartitions)
        {
            foreach (var partition in ofTopic.Partitions)
                partitions.Add(new(ofTopic.Topic, partition));
        }

        return partitions;
    }
}

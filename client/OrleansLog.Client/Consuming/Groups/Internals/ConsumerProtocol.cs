using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// What members tell each other through the coordinator. What is read came from other programs: a version from the future is read as
/// far as it is known, and what makes no sense is left out or refused.
/// </summary>
internal static class ConsumerProtocol
{
    private const short SubscriptionVersion = 2;

    /// <summary>A subscription with what the member had, so that a sticky assignor can leave it there.</summary>
    public static byte[] Subscription(IEnumerable<string> topics, IEnumerable<TopicPartition> owned, int generation)
    {
        var subscription = new ConsumerProtocolSubscription { Topics = [.. topics], GenerationId = generation };
        foreach (var topic in owned.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).OrderBy(static topic => topic.Key, StringComparer.Ordinal))
        {
            subscription.OwnedPartitions.Add(new ConsumerProtocolSubscription.TopicPartition
            {
                Topic = topic.Key,
                Partitions = [.. topic.Select(static partition => partition.Partition).Order()],
            });
        }

        using var buffer = new MessageBuffer();
        var writer = new MessageWriter(buffer);
        writer.WriteInt16(SubscriptionVersion);
        subscription.Write(ref writer, SubscriptionVersion);
        return buffer.ToArray();
    }

    /// <summary>The topics that the members of a group want; those of a member that cannot be read are left out.</summary>
    public static IReadOnlySet<string> TopicsOf(IEnumerable<JoinedMember> members) =>
        members.SelectMany(static member => TryReadTopics(member.Metadata)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The topics of a subscription.</summary>
    public static IReadOnlyList<string> TryReadTopics(ReadOnlyMemory<byte> subscription) =>
        TryRead<ConsumerProtocolSubscription>(subscription)?.Topics ?? [];

    /// <summary>Reads an assignment; an empty one, which a coordinator may answer, assigns nothing.</summary>
    public static bool TryReadAssignment(ReadOnlyMemory<byte> bytes, out TopicPartition[] partitions)
    {
        partitions = [];
        if (bytes.IsEmpty)
            return true;
        if (TryRead<ConsumerProtocolAssignment>(bytes) is not { } assignment)
            return false;
        partitions =
        [
            .. assignment.AssignedPartitions.SelectMany(static topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition))).Distinct(),
        ];
        return Array.TrueForAll(partitions, static partition => partition.Topic.Length > 0 && partition.Partition >= 0);
    }

    private static T? TryRead<T>(ReadOnlyMemory<byte> bytes) where T : class, IMessage<T>
    {
        var reader = new MessageReader(bytes.ToArray());
        var version = reader.ReadInt16();
        return reader.Failed || version < T.LowestVersion ? null : T.Read(ref reader, Math.Min(version, T.HighestVersion));
    }
}

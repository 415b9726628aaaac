using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>What a consumer wants and owns: the metadata that it joins with (KIP-429, KIP-792).</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Its instance id, or null; static members keep their place in the order (KIP-345).</param>
/// <param name="Topics">What it subscribes to.</param>
/// <param name="OwnedPartitions">What it still owns.</param>
/// <param name="OwnedGeneration">The generation that it owns them from, or -1.</param>
public sealed record MemberSubscription(
    string MemberId,
    string? GroupInstanceId,
    IReadOnlyList<string> Topics,
    IReadOnlyList<TopicPartitionName> OwnedPartitions,
    int OwnedGeneration = -1)
{
    /// <summary>Reads versions 0 to 3, and of newer ones what those have; null when the bytes are not one.</summary>
    public static MemberSubscription? TryRead(string memberId, string? groupInstanceId, ReadOnlySpan<byte> metadata)
    {
        var topics = new List<string>();
        var owned = new List<TopicPartitionName>();
        var reader = new RecordReader(metadata);
        var version = reader.Int16();
        ReadTopics(ref reader, topics);
        var userData = reader.Bytes();
        var generation = -1;
        if (version >= 1)
            ReadPartitions(ref reader, owned);
        if (version >= 2)
            generation = reader.Int32();

        if (reader.Failed || version < 0)
            return null;

        // Before version 1, Java's sticky assignor keeps what it owns in the user data: partitions by topic, then the generation.
        if (version == 0 && userData is { Length: > 0 })
            ReadOldOwned(userData, owned, ref generation);

        return new(memberId, groupInstanceId, topics, owned, generation);
    }

    /// <summary>Adds the topics only; false when the bytes are not a subscription.</summary>
    internal static bool TryReadTopics(ReadOnlySpan<byte> metadata, ISet<string> topics)
    {
        var read = new List<string>();
        var reader = new RecordReader(metadata);
        var version = reader.Int16();
        ReadTopics(ref reader, read);
        if (reader.Failed || version < 0)
            return false;

        topics.UnionWith(read);
        return true;
    }

    private static void ReadTopics(ref RecordReader reader, List<string> topics)
    {
        for (var count = reader.Count(smallestElement: 2); count > 0 && !reader.Failed; count--)
            topics.Add(reader.String() ?? "");
    }

    private static void ReadPartitions(ref RecordReader reader, List<TopicPartitionName> partitions)
    {
        for (var count = reader.Count(smallestElement: 6); count > 0 && !reader.Failed; count--)
        {
            var topic = reader.String() ?? "";
            for (var left = reader.Count(smallestElement: 4); left > 0 && !reader.Failed; left--)
                partitions.Add(new(topic, reader.Int32()));
        }
    }

    private static void ReadOldOwned(byte[] userData, List<TopicPartitionName> owned, ref int generation)
    {
        var reader = new RecordReader(userData);
        var read = new List<TopicPartitionName>();
        ReadPartitions(ref reader, read);
        if (reader.Failed)
            return;

        owned.AddRange(read);
        if (reader.Remaining >= 4)
            generation = reader.Int32();
    }
}

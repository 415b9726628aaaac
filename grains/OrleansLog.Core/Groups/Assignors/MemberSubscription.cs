using OrleansLog.Log;
using OrleansLog.Protocol.Messages;

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
    /// <summary>Reads versions 0 to 3, and of newer ones what version 3 has; null when the bytes are not one.</summary>
    public static MemberSubscription? TryRead(string memberId, string? groupInstanceId, ReadOnlySpan<byte> metadata)
    {
        var version = Math.Min(VersionedBytes.Prefix(metadata), ConsumerProtocolSubscription.HighestVersion);
        if (version < 0 || VersionedBytes.Read<ConsumerProtocolSubscription>(metadata, version) is not { } read)
            return null;

        var owned = new List<TopicPartitionName>();
        foreach (var ofTopic in read.OwnedPartitions)
        {
            foreach (var partition in ofTopic.Partitions)
                owned.Add(new(ofTopic.Topic, partition));
        }

        return new(memberId, groupInstanceId, read.Topics, owned, read.GenerationId);
    }

    /// <summary>Adds the topics only, which are in every version alike; false when the bytes are not a subscription.</summary>
    internal static bool TryReadTopics(ReadOnlySpan<byte> metadata, ISet<string> topics)
    {
        if (VersionedBytes.Prefix(metadata) < 0 || VersionedBytes.Read<ConsumerProtocolSubscription>(metadata, 0) is not { } read)
            return false;

        topics.UnionWith(read.Topics);
        return true;
    }
}

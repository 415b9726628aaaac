using OrleansLog.Log;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <summary>Kafka's OffsetCommitKey and OffsetCommitValue.</summary>
internal static class OffsetRecords
{
    /// <summary>The version that Kafka 4.1 writes.</summary>
    private const short ValueVersion = 4;

    /// <summary>The only version that can say when an offset expires.</summary>
    private const short ValueVersionWithExpiry = 1;

    public static GroupRecord Tombstone(string groupId, TopicPartitionName partition) => new(Key(groupId, partition), null);

    public static GroupRecord Record(string groupId, TopicPartitionName partition, in StoredOffset offset)
    {
        var version = offset.ExpireUnixMs >= 0 ? ValueVersionWithExpiry : ValueVersion;
        var value = new OffsetCommitValue
        {
            Offset = offset.Offset,
            LeaderEpoch = version == ValueVersion ? offset.LeaderEpoch : -1,
            Metadata = offset.Metadata,
            CommitTimestamp = offset.CommitUnixMs,
            ExpireTimestamp = offset.ExpireUnixMs,
            TopicId = version == ValueVersion ? offset.TopicId : default,
        };
        return new(Key(groupId, partition), VersionedBytes.Write(version, value, version));
    }

    /// <summary>Reads a value; false when its version is not known or the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StoredOffset offset)
    {
        offset = default;
        if (VersionedBytes.Read<OffsetCommitValue>(value) is not { } read)
            return false;

        offset = new(read.Offset, read.LeaderEpoch, read.Metadata, read.CommitTimestamp, read.ExpireTimestamp, read.TopicId);
        return true;
    }

    private static byte[] Key(string groupId, TopicPartitionName partition)
    {
        var key = new OffsetCommitKey { Group = groupId, Topic = partition.Topic, Partition = partition.Partition };
        return VersionedBytes.Write(GroupRecordKey.OffsetType, key, 0);
    }
}

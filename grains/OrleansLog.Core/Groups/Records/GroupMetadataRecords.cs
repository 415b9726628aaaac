using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <summary>Kafka's GroupMetadataKey and GroupMetadataValue.</summary>
internal static class GroupMetadataRecords
{
    /// <summary>The version that Kafka 4.1 writes.</summary>
    private const short ValueVersion = 3;

    public static GroupRecord Record(string groupId, GroupMetadataValue value) =>
        new(Key(groupId), VersionedBytes.Write(ValueVersion, value, ValueVersion));

    public static GroupRecord Tombstone(string groupId) => new(Key(groupId), null);

    private static byte[] Key(string groupId) =>
        VersionedBytes.Write(GroupRecordKey.GroupType, new GroupMetadataKey { Group = groupId }, 0);
}

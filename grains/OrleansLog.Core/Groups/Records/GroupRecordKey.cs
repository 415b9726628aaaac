using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <summary>The key of a record of <c>__consumer_offsets</c>, as far as it can be read.</summary>
/// <param name="Type">The key's leading int16: 0 and 1 an offset, 2 a group, others of protocols that are not spoken here.</param>
/// <param name="GroupId">The group; null where the type is not known.</param>
/// <param name="Topic">The topic of an offset, else null.</param>
/// <param name="Partition">The partition of an offset.</param>
public readonly record struct GroupRecordKey(short Type, string? GroupId, string? Topic, int Partition)
{
    /// <summary>Type of a group's own record.</summary>
    internal const short GroupType = 2;

    /// <summary>Type of a committed offset.</summary>
    internal const short OffsetType = 1;

    /// <summary>Highest type whose key is known to begin with the group's id: KIP-848, KIP-932 and KIP-1071 have 3 to 23.</summary>
    private const short LastTypeWithGroup = 23;

    /// <summary>True for a committed offset.</summary>
    public bool IsOffset => Type is 0 or OffsetType;

    /// <summary>True for the group's own record.</summary>
    public bool IsGroup => Type == GroupType;

    /// <summary>True for a member of another group protocol; while there is one, that protocol owns the group.</summary>
    public bool IsForeignMember => Type is 5 or 10 or 19;

    /// <summary>Reads a key; false when the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> key, out GroupRecordKey read)
    {
        var type = VersionedBytes.Prefix(key);
        read = new(type, null, null, -1);
        if (type is 0 or OffsetType)
        {
            if (VersionedBytes.Read<OffsetCommitKey>(key, 0) is not { } offset)
                return false;

            read = new(type, offset.Group, offset.Topic, offset.Partition);
        }
        else if (type is >= GroupType and <= LastTypeWithGroup)
        {
            // Every one of these keys begins with the group, as the group's own key consists of it.
            if (VersionedBytes.Read<GroupMetadataKey>(key, 0) is not { } group)
                return false;

            read = new(type, group.Group, null, -1);
        }

        return type >= 0;
    }
}

namespace OrleansLog.Core.Groups;

/// <summary>The key of a record of <c>__consumer_offsets</c>, as far as it can be read.</summary>
/// <param name="Type">The key's leading int16: 0 and 1 an offset, 2 a group, others of protocols that are not spoken here.</param>
/// <param name="GroupId">The group; null where the type is not known.</param>
/// <param name="Topic">The topic of an offset, else null.</param>
/// <param name="Partition">The partition of an offset.</param>
public readonly record struct GroupRecordKey(short Type, string? GroupId, string? Topic, int Partition)
{
    /// <summary>Highest type whose key begins with the group's id: KIP-848, KIP-932 and KIP-1071 have 3 to 23.</summary>
    private const short LastTypeWithGroup = 23;

    /// <summary>True for a committed offset.</summary>
    public bool IsOffset => Type is 0 or 1;

    /// <summary>True for the group's own record.</summary>
    public bool IsGroup => Type == 2;

    /// <summary>True for a member of another group protocol; while there is one, that protocol owns the group.</summary>
    public bool IsForeignMember => Type is 5 or 10 or 19;

    /// <summary>Reads a key; false when the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> key, out GroupRecordKey read)
    {
        var reader = new RecordReader(key);
        var type = reader.Int16();
        read = type switch
        {
            0 or 1 => new(type, reader.String(), reader.String(), reader.Int32()),
            >= 2 and <= LastTypeWithGroup => new(type, reader.String(), null, -1),
            _ => new(type, null, null, -1),
        };
        return !reader.Failed && type >= 0 && (!read.IsOffset || read.Topic is not null);
    }
}

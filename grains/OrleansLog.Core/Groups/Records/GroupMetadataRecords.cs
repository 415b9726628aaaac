namespace OrleansLog.Core.Groups;

/// <summary>Kafka's GroupMetadataKey and GroupMetadataValue.</summary>
internal static class GroupMetadataRecords
{
    public static byte[] Key(string groupId) => new RecordWriter().Int16(2).String(groupId).ToArray();

    public static GroupRecord Tombstone(string groupId) => new(Key(groupId), null);

    /// <summary>Version 3.</summary>
    public static byte[] Write(StoredGroup group)
    {
        var value = new RecordWriter()
            .Int16(3).String(group.ProtocolType).Int32(group.GenerationId).String(group.ProtocolName)
            .String(group.Leader).Int64(group.PhaseSinceUnixMs).Int32(group.Members.Count);
        foreach (var member in group.Members)
        {
            value.String(member.MemberId).String(member.GroupInstanceId).String(member.ClientId).String(member.ClientHost)
                .Int32(member.RebalanceTimeoutMs).Int32(member.SessionTimeoutMs).Bytes(member.Subscription.Span).Bytes(member.Assignment);
        }

        return value.ToArray();
    }

    /// <summary>Reads a value of versions 0 to 4; null when its version is not known or the bytes are not one.</summary>
    public static StoredGroup? Read(ReadOnlySpan<byte> value)
    {
        var reader = new RecordReader(value);
        var version = reader.Int16();
        if (version is < 0 or > 4)
            return null;

        var compact = version >= 4;
        var type = reader.String(compact) ?? "";
        var generation = reader.Int32();
        var protocol = reader.String(compact);
        var leader = reader.String(compact);
        var since = version >= 2 ? reader.Int64() : -1;
        var count = reader.Count(smallestElement: compact ? 10 : 18, compact);
        var members = new List<StoredMember>(count);
        for (var i = 0; i < count && !reader.Failed; i++)
            members.Add(ReadMember(ref reader, version));

        if (compact)
            SkipTags(ref reader);

        return reader.Failed ? null : new(type, generation, protocol, leader, since, members);
    }

    private static StoredMember ReadMember(ref RecordReader reader, short version)
    {
        var compact = version >= 4;
        var memberId = reader.String(compact) ?? "";
        var instance = version >= 3 ? reader.String(compact) : null;
        var clientId = reader.String(compact) ?? "";
        var host = reader.String(compact) ?? "";
        var rebalanceTimeoutMs = version >= 1 ? reader.Int32() : -1;
        var sessionTimeoutMs = reader.Int32();
        var subscription = reader.Bytes(compact) ?? [];
        var assignment = reader.Bytes(compact) ?? [];
        if (compact)
            SkipTags(ref reader);

        return new(memberId, instance, clientId, host, rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs, sessionTimeoutMs, subscription, assignment);
    }

    private static void SkipTags(ref RecordReader reader)
    {
        for (var tags = reader.UnsignedVarint(); tags > 0 && !reader.Failed; tags--)
        {
            reader.UnsignedVarint();
            reader.Take((int)reader.UnsignedVarint());
        }
    }
}

/// <summary>A group as its record has it.</summary>
internal sealed record StoredGroup(
    string ProtocolType, int GenerationId, string? ProtocolName, string? Leader, long PhaseSinceUnixMs, IReadOnlyList<StoredMember> Members);

/// <summary>A member as its group's record has it.</summary>
internal sealed record StoredMember(
    string MemberId, string? GroupInstanceId, string ClientId, string ClientHost, int RebalanceTimeoutMs, int SessionTimeoutMs,
    ReadOnlyMemory<byte> Subscription, byte[] Assignment);

namespace OrleansLog.Core.Groups;

/// <summary>Names that the coordinator gives to members.</summary>
public static class GroupMemberId
{
    /// <summary>Longest part of a client's own name in a member id, in characters; it has to fit into a record whatever the client calls itself.</summary>
    public const int MaxPrefixLength = 1024;

    /// <summary>A new member id in Kafka's form: the instance id, or else the client id, a dash, and a random uuid of the caller's.</summary>
    /// <param name="clientId">Client id of the request's header.</param>
    /// <param name="groupInstanceId">Instance id of a static member (KIP-345), or null.</param>
    /// <param name="random">Random bits; the caller chooses the source.</param>
    public static string Create(string? clientId, string? groupInstanceId, Guid random)
    {
        var prefix = groupInstanceId ?? clientId ?? "";
        return $"{prefix.AsSpan(0, Math.Min(prefix.Length, MaxPrefixLength))}-{random:D}";
    }
}

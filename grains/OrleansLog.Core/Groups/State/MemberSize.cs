namespace OrleansLog.Core.Groups;

/// <summary>What a member takes in memory: its bytes, two for each character, and a fixed part for the objects and table entries around them.</summary>
internal static class MemberSize
{
    private const int MemberBytes = 512;
    private const int PendingBytes = 128;
    private const int ProtocolBytes = 128;
    private const int ShareBytes = 64;
    private const int TopicBytes = 64;

    public static long OfMember(string memberId, string? groupInstanceId, string clientId, string clientHost) =>
        MemberBytes + OfText(memberId) + OfText(groupInstanceId) + OfText(clientId) + OfText(clientHost);

    /// <summary>An id that was told and not used yet.</summary>
    public static long OfPending(string memberId) => PendingBytes + OfText(memberId);

    public static long OfProtocols(JoinProtocol[] protocols)
    {
        var bytes = 0L;
        foreach (var protocol in protocols)
            bytes += ProtocolBytes + OfText(protocol.Name) + protocol.Metadata.Length;

        return bytes;
    }

    /// <summary>An assignment that is not the members' yet.</summary>
    public static long OfShares(Dictionary<string, byte[]> assignments)
    {
        var bytes = 0L;
        foreach (var share in assignments.Values)
            bytes += ShareBytes + share.Length;

        return bytes;
    }

    public static long OfTopics(HashSet<string>? topics)
    {
        var bytes = 0L;
        foreach (var topic in topics ?? [])
            bytes += TopicBytes + OfText(topic);

        return bytes;
    }

    private static long OfText(string? text) => sizeof(char) * (long)(text?.Length ?? 0);
}

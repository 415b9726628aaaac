namespace OrleansLog.Core.Groups;

/// <summary>A member of a group, with the requests of it that wait.</summary>
internal sealed class GroupMember<TTicket>(string memberId, string? groupInstanceId)
    where TTicket : class
{
    public string MemberId { get; } = memberId;
    public string? GroupInstanceId { get; } = groupInstanceId;
    public string ClientId { get; init; } = "";
    public string ClientHost { get; init; } = "";
    public int SessionTimeoutMs { get; set; }
    public int RebalanceTimeoutMs { get; set; }
    public JoinProtocol[] Protocols { get; set; } = [];
    public byte[] Assignment { get; set; } = [];

    /// <summary>True until its first generation is complete; then it has no session but the limit of a first join.</summary>
    public bool IsNew { get; set; }

    public TTicket? WaitingJoin { get; set; }
    public TTicket? WaitingSync { get; set; }

    /// <summary>When its session ends; a member that waits for an answer cannot send heartbeats and has none.</summary>
    public long SessionEndsMs { get; set; } = long.MaxValue;

    /// <summary>What it takes in memory, as <see cref="MemberSize"/> counts it.</summary>
    public long Bytes => MemberSize.OfMember(MemberId, GroupInstanceId, ClientId, ClientHost) + MemberSize.OfProtocols(Protocols) + Assignment.Length;

    public bool Waits => WaitingJoin is not null || WaitingSync is not null;

    public ReadOnlyMemory<byte> MetadataOf(string? protocol)
    {
        foreach (var offered in Protocols)
        {
            if (offered.Name == protocol)
                return offered.Metadata;
        }

        return default;
    }

    /// <summary>Whether a join offers what the member offered before, byte for byte and in the same order.</summary>
    public bool Offers(IReadOnlyList<JoinProtocol> protocols)
    {
        if (protocols.Count != Protocols.Length)
            return false;

        for (var i = 0; i < Protocols.Length; i++)
        {
            if (Protocols[i].Name != protocols[i].Name || !Protocols[i].Metadata.Span.SequenceEqual(protocols[i].Metadata.Span))
                return false;
        }

        return true;
    }
}

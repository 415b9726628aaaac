namespace OrleansLog.Core.Groups;

/// <summary>A member wants into the next generation (JoinGroup).</summary>
public sealed record JoinCall
{
    /// <summary>Its id, or empty for a new member.</summary>
    public required string MemberId { get; init; }

    /// <summary>Its instance id (KIP-345), or null for a dynamic member.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>Id for a member that comes without one, by <see cref="GroupMemberId.Create"/>.</summary>
    public required string NewMemberId { get; init; }

    /// <summary>Client id of the request's header.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Where it comes from, in Kafka's form: <c>/127.0.0.1</c>.</summary>
    public string ClientHost { get; init; } = "";

    /// <summary>How long it may be silent, in milliseconds.</summary>
    public required int SessionTimeoutMs { get; init; }

    /// <summary>How long it may take to rejoin; requests of version 0 have none and pass -1: then it is the session timeout.</summary>
    public int RebalanceTimeoutMs { get; init; } = -1;

    /// <summary>Class of protocols, such as <c>consumer</c>.</summary>
    public required string ProtocolType { get; init; }

    /// <summary>What it can do, the preferred one first.</summary>
    public required IReadOnlyList<JoinProtocol> Protocols { get; init; }

    /// <summary>True from request version 4 on (KIP-394): a dynamic member without id is told one first and comes back with it.</summary>
    public bool RequireKnownMemberId { get; init; }

    /// <summary>True from request version 9 on (KIP-814): the client understands <see cref="JoinAnswer.SkipAssignment"/>.</summary>
    public bool SupportsSkippingAssignment { get; init; }

    /// <summary>Why it joins, for the log; or null.</summary>
    public string? Reason { get; init; }
}

/// <summary>One protocol that a member supports.</summary>
/// <param name="Name">Name of the protocol, for consumers the assignor.</param>
/// <param name="Metadata">The member's metadata for it; copied where it is kept.</param>
public readonly record struct JoinProtocol(string Name, ReadOnlyMemory<byte> Metadata);

using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A consumer asks to become, or to stay, a member of a group (classic protocol, JoinGroup).</summary>
[GenerateSerializer, Immutable, Alias("olog.JoinGroupCall")]
public sealed record JoinGroupCall
{
    /// <summary>The group.</summary>
    [Id(0)] public required string GroupId { get; init; }

    /// <summary>Member id that the coordinator gave, or empty for a new member.</summary>
    [Id(1)] public string MemberId { get; init; } = "";

    /// <summary>Name of a static member (KIP-345), or null.</summary>
    [Id(2)] public string? GroupInstanceId { get; init; }

    /// <summary>Kind of protocol that the members speak among themselves; consumers say <c>consumer</c>.</summary>
    [Id(3)] public required string ProtocolType { get; init; }

    /// <summary>Assignors that the member can work with, the preferred one first.</summary>
    [Id(4)] public required GroupProtocol[] Protocols { get; init; }

    /// <summary>Milliseconds without a heartbeat after which the member is taken for dead.</summary>
    [Id(5)] public int SessionTimeoutMs { get; init; } = 45_000;

    /// <summary>Milliseconds that the member may need to join again once a rebalance began; -1 takes the session's.</summary>
    [Id(6)] public int RebalanceTimeoutMs { get; init; } = -1;

    /// <summary>What the member calls itself; becomes the beginning of its member id.</summary>
    [Id(7)] public string ClientId { get; init; } = "";

    /// <summary>Address that it calls from.</summary>
    [Id(8)] public string ClientHost { get; init; } = "";

    /// <summary>True when a new member is first given an id (MEMBER_ID_REQUIRED) and joins again with it (KIP-394).</summary>
    [Id(9)] public bool RequireKnownMemberId { get; init; } = true;

    /// <summary>True when a leader that comes back as a static member understands that it need not assign anew (KIP-814).</summary>
    [Id(10)] public bool SupportsSkippingAssignment { get; init; }

    /// <summary>Why it joins, for the broker's log (KIP-800).</summary>
    [Id(11)] public string? Reason { get; init; }
}

/// <summary>An assignor that a member can work with, and what it tells the others about itself.</summary>
/// <param name="Name">Name of the assignor, such as <c>range</c>.</param>
/// <param name="Metadata">The member's subscription, as the protocol type encodes it.</param>
[GenerateSerializer, Immutable, Alias("olog.GroupProtocol")]
public readonly record struct GroupProtocol([property: Id(0)] string Name, [property: Id(1)] ReadOnlyMemory<byte> Metadata);

/// <summary>The answer to a <see cref="JoinGroupCall"/>, given when the generation begins.</summary>
[GenerateSerializer, Immutable, Alias("olog.JoinGroupResult")]
public sealed record JoinGroupResult
{
    /// <summary><see cref="ErrorCode.None"/> when the caller is a member of the generation.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Number of the generation, or -1.</summary>
    [Id(1)] public int GenerationId { get; init; } = -1;

    /// <summary>The group's protocol type.</summary>
    [Id(2)] public string? ProtocolType { get; init; }

    /// <summary>The assignor that all members can work with.</summary>
    [Id(3)] public string? ProtocolName { get; init; }

    /// <summary>Member id of the leader, who assigns.</summary>
    [Id(4)] public string Leader { get; init; } = "";

    /// <summary>True when the leader keeps the assignment as it is.</summary>
    [Id(5)] public bool SkipAssignment { get; init; }

    /// <summary>The caller's member id; also set with MEMBER_ID_REQUIRED.</summary>
    [Id(6)] public string MemberId { get; init; } = "";

    /// <summary>All members with their subscriptions, for the leader; empty for the others.</summary>
    [Id(7)] public JoinedMember[] Members { get; init; } = [];

    /// <summary>A refusal.</summary>
    public static JoinGroupResult Failure(ErrorCode error, string memberId = "") => new() { Error = error, MemberId = memberId };
}

/// <summary>A member as the group's leader sees it.</summary>
/// <param name="MemberId">Member id.</param>
/// <param name="GroupInstanceId">Name of a static member, or null.</param>
/// <param name="Metadata">Its subscription under the chosen assignor.</param>
[GenerateSerializer, Immutable, Alias("olog.JoinedMember")]
public readonly record struct JoinedMember(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? GroupInstanceId,
    [property: Id(2)] ReadOnlyMemory<byte> Metadata);

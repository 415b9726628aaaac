using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A member asks for its assignment; the leader brings everybody's (SyncGroup).</summary>
[GenerateSerializer, Immutable, Alias("olog.SyncGroupCall")]
public sealed record SyncGroupCall
{
    /// <summary>The group.</summary>
    [Id(0)] public required string GroupId { get; init; }

    /// <summary>Generation that the member joined.</summary>
    [Id(1)] public required int GenerationId { get; init; }

    /// <summary>Its member id.</summary>
    [Id(2)] public required string MemberId { get; init; }

    /// <summary>Name of a static member, or null.</summary>
    [Id(3)] public string? GroupInstanceId { get; init; }

    /// <summary>The protocol type that it believes in, or null not to have it checked.</summary>
    [Id(4)] public string? ProtocolType { get; init; }

    /// <summary>The assignor that it believes in, or null not to have it checked.</summary>
    [Id(5)] public string? ProtocolName { get; init; }

    /// <summary>From the leader: what each member gets; empty from the others.</summary>
    [Id(6)] public MemberAssignment[] Assignments { get; init; } = [];

    /// <summary>
    /// From the leader: the coordinator assigns, by its own assignor of the chosen name, and <see cref="Assignments"/> is empty. What the
    /// SDK asks for; ordinary Kafka clients assign themselves.
    /// </summary>
    [Id(7)] public bool ServerAssignor { get; init; }
}

/// <summary>What one member is given.</summary>
/// <param name="MemberId">Member id.</param>
/// <param name="Assignment">Its partitions, as the protocol type encodes them.</param>
[GenerateSerializer, Immutable, Alias("olog.MemberAssignment")]
public readonly record struct MemberAssignment([property: Id(0)] string MemberId, [property: Id(1)] ReadOnlyMemory<byte> Assignment);

/// <summary>The answer to a <see cref="SyncGroupCall"/>, given when the leader has assigned and the assignment is committed.</summary>
[GenerateSerializer, Immutable, Alias("olog.SyncGroupResult")]
public sealed record SyncGroupResult
{
    /// <summary><see cref="ErrorCode.None"/> when the assignment is valid.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>The group's protocol type.</summary>
    [Id(1)] public string? ProtocolType { get; init; }

    /// <summary>The assignor of the generation.</summary>
    [Id(2)] public string? ProtocolName { get; init; }

    /// <summary>The member's partitions, as the protocol type encodes them.</summary>
    [Id(3)] public ReadOnlyMemory<byte> Assignment { get; init; }

    /// <summary>A refusal.</summary>
    public static SyncGroupResult Failure(ErrorCode error) => new() { Error = error };
}

/// <summary>A member is alive (Heartbeat).</summary>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationId">Generation that the member is in.</param>
/// <param name="MemberId">Its member id.</param>
/// <param name="GroupInstanceId">Name of a static member, or null.</param>
[GenerateSerializer, Immutable, Alias("olog.HeartbeatCall")]
public sealed record HeartbeatCall(
    [property: Id(0)] string GroupId,
    [property: Id(1)] int GenerationId,
    [property: Id(2)] string MemberId,
    [property: Id(3)] string? GroupInstanceId = null);

/// <summary>Members leave a group (LeaveGroup).</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Members">Who leaves.</param>
[GenerateSerializer, Immutable, Alias("olog.LeaveGroupCall")]
public sealed record LeaveGroupCall([property: Id(0)] string GroupId, [property: Id(1)] LeavingMember[] Members);

/// <summary>A member that leaves.</summary>
/// <param name="MemberId">Its member id; empty to name a static member by its instance id alone.</param>
/// <param name="GroupInstanceId">Name of a static member, or null.</param>
/// <param name="Reason">Why, for the broker's log (KIP-800).</param>
[GenerateSerializer, Immutable, Alias("olog.LeavingMember")]
public readonly record struct LeavingMember(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? GroupInstanceId = null,
    [property: Id(2)] string? Reason = null);

/// <summary>The answer to a <see cref="LeaveGroupCall"/>.</summary>
/// <param name="Error">What holds for all of them; <see cref="ErrorCode.None"/> when each was looked at.</param>
/// <param name="Members">What became of each, in the order of the call; empty when <paramref name="Error"/> is set.</param>
[GenerateSerializer, Immutable, Alias("olog.LeaveGroupResult")]
public sealed record LeaveGroupResult([property: Id(0)] ErrorCode Error, [property: Id(1)] ErrorCode[] Members);

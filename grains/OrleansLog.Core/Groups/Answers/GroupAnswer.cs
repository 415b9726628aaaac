using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>What a group answers to a request that may have waited.</summary>
public abstract record GroupAnswer
{
    /// <summary><see cref="ErrorCode.None"/> when it was done; partitions and members may still have errors of their own.</summary>
    public ErrorCode Error { get; init; }
}

/// <summary>Answer to <see cref="JoinCall"/>, fields as in JoinGroupResponse.</summary>
public sealed record JoinAnswer : GroupAnswer
{
    /// <summary>The member's id: one to come back with under <see cref="ErrorCode.MemberIdRequired"/>.</summary>
    public string MemberId { get; init; } = "";

    /// <summary>The generation joined, or -1.</summary>
    public int GenerationId { get; init; } = -1;

    /// <summary>Class of protocols, such as <c>consumer</c>; null where there is none.</summary>
    public string? ProtocolType { get; init; }

    /// <summary>The protocol (assignor) that the group chose; null where there is none.</summary>
    public string? ProtocolName { get; init; }

    /// <summary>Member id of the leader, or empty.</summary>
    public string Leader { get; init; } = "";

    /// <summary>True for a static leader that came back to a stable group: it must not assign anew (KIP-814, version 9).</summary>
    public bool SkipAssignment { get; init; }

    /// <summary>Everybody, for the leader; empty for others.</summary>
    public IReadOnlyList<GenerationMember> Members { get; init; } = [];
}

/// <summary>A member as the leader sees it.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Its instance id (KIP-345), or null.</param>
/// <param name="Metadata">Its metadata for the chosen protocol.</param>
public readonly record struct GenerationMember(string MemberId, string? GroupInstanceId, ReadOnlyMemory<byte> Metadata);

/// <summary>Answer to <see cref="SyncCall"/>.</summary>
public sealed record SyncAnswer : GroupAnswer
{
    /// <summary>As in <see cref="JoinAnswer.ProtocolType"/>.</summary>
    public string? ProtocolType { get; init; }

    /// <summary>As in <see cref="JoinAnswer.ProtocolName"/>.</summary>
    public string? ProtocolName { get; init; }

    /// <summary>The member's assignment; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Assignment { get; init; }
}

/// <summary>Answer to <see cref="LeaveCall"/>.</summary>
public sealed record LeaveAnswer : GroupAnswer
{
    /// <summary>One for each member named, in the order asked.</summary>
    public IReadOnlyList<LeftMember> Members { get; init; } = [];
}

/// <summary>What became of a member that was to leave.</summary>
/// <param name="MemberId">As asked.</param>
/// <param name="GroupInstanceId">As asked.</param>
/// <param name="Error">Its own error.</param>
public readonly record struct LeftMember(string MemberId, string? GroupInstanceId, ErrorCode Error);

/// <summary>Answer to <see cref="CommitCall"/>: partitions in the order asked; all have <see cref="GroupAnswer.Error"/> when that is set.</summary>
public sealed record CommitAnswer : GroupAnswer
{
    /// <summary>One for each partition asked.</summary>
    public IReadOnlyList<PartitionError> Partitions { get; init; } = [];
}

/// <summary>Answer to <see cref="DeleteOffsetsCall"/>; no partitions when <see cref="GroupAnswer.Error"/> is set.</summary>
public sealed record DeleteOffsetsAnswer : GroupAnswer
{
    /// <summary>One for each partition asked.</summary>
    public IReadOnlyList<PartitionError> Partitions { get; init; } = [];
}

/// <summary>Answer to the deletion of the group.</summary>
public sealed record DeleteGroupAnswer : GroupAnswer;

/// <summary>What became of one partition of a request.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Error">Its own error.</param>
public readonly record struct PartitionError(string Topic, int Partition, ErrorCode Error);

using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>A group as DescribeGroups shows it.</summary>
public sealed record GroupView
{
    /// <summary><see cref="ErrorCode.GroupIdNotFound"/> with <see cref="GroupPhase.Dead"/> for a group that does not exist; versions below 6 show that as the state only.</summary>
    public ErrorCode Error { get; init; }

    /// <summary>Where it stands.</summary>
    public GroupPhase Phase { get; init; }

    /// <summary>Class of protocols; empty when it never had members.</summary>
    public string ProtocolType { get; init; } = "";

    /// <summary>The chosen protocol while stable, else empty.</summary>
    public string ProtocolName { get; init; } = "";

    /// <summary>Its members; metadata and assignments only while stable.</summary>
    public IReadOnlyList<GroupMemberView> Members { get; init; } = [];
}

/// <summary>A member as DescribeGroups shows it.</summary>
public sealed record GroupMemberView
{
    /// <summary>Its id.</summary>
    public required string MemberId { get; init; }

    /// <summary>Its instance id, or null.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>Its client id.</summary>
    public required string ClientId { get; init; }

    /// <summary>Where it connects from.</summary>
    public required string ClientHost { get; init; }

    /// <summary>Its metadata for the chosen protocol.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Its assignment.</summary>
    public ReadOnlyMemory<byte> Assignment { get; init; }
}

/// <summary>A committed offset as OffsetFetch shows it; offset -1 where there is none.</summary>
public readonly record struct OffsetView
{
    /// <summary>Which partition.</summary>
    public required TopicPartitionName Partition { get; init; }

    /// <summary>Next offset to be read, or -1.</summary>
    public required long Offset { get; init; }

    /// <summary>Leader epoch committed with it, or -1.</summary>
    public required int LeaderEpoch { get; init; }

    /// <summary>The client's note.</summary>
    public required string Metadata { get; init; }

    /// <summary>Id of the topic that it was committed for, or zero where that is not known.</summary>
    public Uuid TopicId { get; init; }

    /// <summary>Wall clock of the commit, milliseconds since 1970; -1 where there is none.</summary>
    public long CommitUnixMs { get; init; }

    /// <summary><see cref="ErrorCode.UnstableOffsetCommit"/> where a transaction has an offset that is neither committed nor aborted and the caller asked for stable ones.</summary>
    public ErrorCode Error { get; init; }
}

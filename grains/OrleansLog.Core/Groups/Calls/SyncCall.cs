namespace OrleansLog.Core.Groups;

/// <summary>A member wants its assignment; the leader brings everybody's (SyncGroup).</summary>
public sealed record SyncCall
{
    /// <summary>Its id.</summary>
    public required string MemberId { get; init; }

    /// <summary>Its instance id, or null.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>The generation that it joined.</summary>
    public required int GenerationId { get; init; }

    /// <summary>Checked against the group's where given (version 5).</summary>
    public string? ProtocolType { get; init; }

    /// <summary>Checked against the group's where given (version 5).</summary>
    public string? ProtocolName { get; init; }

    /// <summary>The leader's decision; others send nothing.</summary>
    public IReadOnlyList<AssignmentFor> Assignments { get; init; } = [];

    /// <summary>The leader leaves the assignment to the coordinator, which runs the assignor that the group chose; needs <see cref="PartitionCounts"/>.</summary>
    public bool ServerAssignor { get; init; }

    /// <summary>Partitions of each topic of <see cref="GroupState{TTicket}.AssignableTopics"/> that exists now; only read with <see cref="ServerAssignor"/>.</summary>
    public IReadOnlyDictionary<string, int>? PartitionCounts { get; init; }
}

/// <summary>What the leader gives to a member.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="Assignment">Its assignment; copied where it is kept.</param>
public readonly record struct AssignmentFor(string MemberId, ReadOnlyMemory<byte> Assignment);

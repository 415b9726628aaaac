using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A group in a list.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ProtocolType">Its protocol type; empty for a group that only holds offsets.</param>
/// <param name="State">Its state by Kafka's name: <c>Empty</c>, <c>PreparingRebalance</c>, <c>CompletingRebalance</c>, <c>Stable</c>, <c>Dead</c>.</param>
/// <param name="GroupType">Its type by Kafka's name, such as <c>classic</c>.</param>
[GenerateSerializer, Immutable, Alias("olog.GroupListing")]
public sealed record GroupListing(
    [property: Id(0)] string GroupId,
    [property: Id(1)] string ProtocolType,
    [property: Id(2)] string State,
    [property: Id(3)] string GroupType);

/// <summary>Groups of one broker, or of all.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/> when the list is complete.</param>
/// <param name="Groups">The groups by id; those that could be told where <paramref name="Error"/> is set.</param>
[GenerateSerializer, Immutable, Alias("olog.ListGroupsResult")]
public sealed record ListGroupsResult([property: Id(0)] ErrorCode Error, [property: Id(1)] GroupListing[] Groups);

/// <summary>A group with its members.</summary>
[GenerateSerializer, Immutable, Alias("olog.GroupDescription")]
public sealed record GroupDescription
{
    /// <summary><see cref="ErrorCode.None"/>, or why nothing is told; GROUP_ID_NOT_FOUND where there is no such group.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong.</summary>
    [Id(1)] public string? Message { get; init; }

    /// <summary>The group.</summary>
    [Id(2)] public required string GroupId { get; init; }

    /// <summary>Its state by Kafka's name; <c>Dead</c> where there is no such group.</summary>
    [Id(3)] public string State { get; init; } = "";

    /// <summary>Its protocol type.</summary>
    [Id(4)] public string ProtocolType { get; init; } = "";

    /// <summary>The assignor of the generation.</summary>
    [Id(5)] public string ProtocolName { get; init; } = "";

    /// <summary>Broker that coordinates it, or -1.</summary>
    [Id(6)] public int CoordinatorId { get; init; } = -1;

    /// <summary>Its members.</summary>
    [Id(7)] public GroupMemberDescription[] Members { get; init; } = [];

    /// <summary>Number of the generation, or -1.</summary>
    [Id(8)] public int GenerationId { get; init; } = -1;
}

/// <summary>A member of a group.</summary>
[GenerateSerializer, Immutable, Alias("olog.GroupMemberDescription")]
public sealed record GroupMemberDescription
{
    /// <summary>Member id.</summary>
    [Id(0)] public required string MemberId { get; init; }

    /// <summary>Name of a static member, or null.</summary>
    [Id(1)] public string? GroupInstanceId { get; init; }

    /// <summary>What it calls itself.</summary>
    [Id(2)] public string ClientId { get; init; } = "";

    /// <summary>Address that it calls from.</summary>
    [Id(3)] public string ClientHost { get; init; } = "";

    /// <summary>Its subscription, as the protocol type encodes it.</summary>
    [Id(4)] public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Its partitions, as the protocol type encodes them.</summary>
    [Id(5)] public ReadOnlyMemory<byte> Assignment { get; init; }
}

/// <summary>What became of one group of a deletion.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Error"><see cref="ErrorCode.None"/>, NON_EMPTY_GROUP or GROUP_ID_NOT_FOUND.</param>
[GenerateSerializer, Immutable, Alias("olog.DeleteGroupResult")]
public readonly record struct DeleteGroupResult([property: Id(0)] string GroupId, [property: Id(1)] ErrorCode Error);

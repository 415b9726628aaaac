using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A silo that may host the controller and is no broker tells that it is alive, and tails the metadata, in one call.</summary>
[GenerateSerializer, Immutable, Alias("olog.CandidateHeartbeat")]
public sealed record CandidateHeartbeat
{
    /// <summary><c>node.id</c>.</summary>
    [Id(0)] public required int NodeId { get; init; }

    /// <summary>New with every start of the process; tells a second process with the same id.</summary>
    [Id(1)] public required Guid IncarnationId { get; init; }

    /// <summary>Silo that it is.</summary>
    [Id(2)] public required string SiloAddress { get; init; }

    /// <summary>Highest metadata version that it has applied.</summary>
    [Id(3)] public required long AppliedVersion { get; init; }

    /// <summary>Highest controller epoch that it has seen, or -1.</summary>
    [Id(4)] public long KnownControllerEpoch { get; init; } = -1;

    /// <summary>Longest wait for a newer metadata version, in milliseconds; at most a third of the session.</summary>
    [Id(5)] public int MaxWaitMs { get; init; }

    /// <summary>The <see cref="CandidateHeartbeatResult.JoinedEpoch"/> that it was told; -1 when it comes.</summary>
    [Id(6)] public long JoinedEpoch { get; init; } = -1;
}

/// <summary>The answer to a <see cref="CandidateHeartbeat"/>.</summary>
[GenerateSerializer, Immutable, Alias("olog.CandidateHeartbeatResult")]
public sealed record CandidateHeartbeatResult
{
    /// <summary><see cref="ErrorCode.None"/>, <see cref="ErrorCode.DuplicateBrokerRegistration"/>, <see cref="ErrorCode.NotController"/>.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>What was wrong and what to do.</summary>
    [Id(1)] public string? Message { get; init; }

    /// <summary>Epoch of the controller that answers; lower than one already seen: ignore the answer.</summary>
    [Id(2)] public long ControllerEpoch { get; init; } = -1;

    /// <summary>How long the silo counts as alive without a call, in milliseconds.</summary>
    [Id(3)] public int SessionTimeoutMs { get; init; }

    /// <summary>Refused as a duplicate: how long ago the one that has the id was heard, in milliseconds; else -1.</summary>
    [Id(4)] public long LastContactAgeMs { get; init; } = -1;

    /// <summary>A snapshot to start from when the entries that the silo misses are gone; else null.</summary>
    [Id(5)] public MetadataEntry? Snapshot { get; init; }

    /// <summary>Entries after the snapshot or after what the silo has applied, in order, without a gap.</summary>
    [Id(6)] public MetadataEntry[] Entries { get; init; } = [];

    /// <summary>Epoch of the controller that it first came to; of two with one <c>node.id</c> the earlier one has it.</summary>
    [Id(7)] public long JoinedEpoch { get; init; } = -1;
}

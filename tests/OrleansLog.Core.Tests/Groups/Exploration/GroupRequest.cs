using OrleansLog.Core.Groups;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>A request on its way, and the ticket of it at the coordinator that took it.</summary>
internal sealed record GroupRequest(SimulatedMember Member, int Number)
{
    public JoinCall? Join { get; init; }
    public SyncCall? Sync { get; init; }
    public CommitCall? Commit { get; init; }
    public LeaveCall? Leave { get; init; }
    public (string MemberId, string? Instance, int Generation)? Heartbeat { get; init; }

    /// <summary>Times that an answer was given to this copy.</summary>
    public int Answered { get; set; }

    /// <summary>The highest generation that anybody had been given an assignment of when the request was taken.</summary>
    public int NewestToldWhenTaken { get; set; }
}

/// <summary>An answer on its way; a heartbeat's is only an error.</summary>
internal sealed record GroupReply(GroupRequest Request, GroupAnswer Answer);

/// <summary>Answer to a heartbeat, which is never late.</summary>
internal sealed record HeartbeatAnswer : GroupAnswer;

namespace OrleansLog.Core.Groups;

/// <summary>Members go (LeaveGroup); before version 3 there is exactly one, and its error is the request's.</summary>
public sealed record LeaveCall
{
    /// <summary>Who leaves.</summary>
    public required IReadOnlyList<MemberToLeave> Members { get; init; }
}

/// <summary>A member that leaves.</summary>
/// <param name="MemberId">Its id; empty for a static member that is named by its instance id only.</param>
/// <param name="GroupInstanceId">Its instance id, or null.</param>
public readonly record struct MemberToLeave(string MemberId, string? GroupInstanceId);

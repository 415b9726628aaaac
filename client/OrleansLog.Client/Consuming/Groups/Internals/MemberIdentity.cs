namespace OrleansLog.Client;

/// <summary>Who a member is to its coordinator.</summary>
/// <param name="MemberId">Its id, or empty before it has one.</param>
/// <param name="Generation">The generation that it is part of, or -1.</param>
/// <param name="IsLeader">True when the coordinator asks it for the assignment.</param>
internal sealed record MemberIdentity(string MemberId, int Generation, bool IsLeader)
{
    public static MemberIdentity Nobody { get; } = new("", -1, false);

    public bool IsMember => Generation >= 0;
}

namespace OrleansLog.Client;

/// <summary>What a consumer is in its group at the moment.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The id that the coordinator gave it; empty before it joined.</param>
/// <param name="Generation">The group's generation, which rises with every rebalance; -1 while it is no member.</param>
/// <param name="IsLeader">True when it speaks for the group to the coordinator.</param>
public sealed record GroupMembership(string GroupId, string MemberId, int Generation, bool IsLeader);

namespace OrleansLog.Client;

/// <summary>
/// The offsets were not committed, and never will be by this member: the group has given the partitions to another one. Their
/// records after the last commit are delivered again, to whoever reads them now.
/// </summary>
public sealed class CommitFailedException : LogException
{
    internal CommitFailedException(string groupId, ErrorCode code)
        : base(code, $"The group '{groupId}' has given the partitions of this commit to another member, or has given this member up: a rebalance "
            + "overtook it, or work on a record took longer than MaxPollIntervalMs.") => GroupId = groupId;

    /// <summary>The group.</summary>
    public string GroupId { get; }

    /// <summary>False: the partitions are another member's.</summary>
    public override bool IsRetriable => false;
}

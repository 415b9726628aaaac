namespace OrleansLog.Cluster.Member;

/// <summary>What a member of a group was told, or did, about one partition.</summary>
public enum GroupEventKind
{
    /// <summary>The partition is the member's from now on: a tenure begins.</summary>
    Assigned,

    /// <summary>Given back in a rebalance, or on leaving.</summary>
    Revoked,

    /// <summary>The member heard that the group went on without it.</summary>
    Lost,

    /// <summary>A record came out of a poll.</summary>
    Polled,

    /// <summary>A commit is about to be sent; from here on it may be there.</summary>
    CommitStarted,

    /// <summary>The commit was answered without an error.</summary>
    CommitAcknowledged,

    /// <summary>Somebody who is no member is about to ask for the committed offset.</summary>
    Asked,

    /// <summary>The committed offset that the answer had; -1 for none.</summary>
    Observed,
}

namespace OrleansLog.Cluster.Tests.History;

/// <summary>What may never be seen of a group.</summary>
public enum GroupAnomaly
{
    /// <summary>Within one tenure an offset was polled again, or a lower one.</summary>
    NonMonotonicPoll,

    /// <summary>Within one tenure a record that is in the log was passed over.</summary>
    SkippedPoll,

    /// <summary>A new owner began behind records that nobody had ever tried to commit as read.</summary>
    SkippedByNextOwner,

    /// <summary>A new owner began before an offset whose commit had been acknowledged.</summary>
    CommitForgotten,

    /// <summary>An offset was committed, answered, and later asked for: a lower one came.</summary>
    CommitWentBack,

    /// <summary>A committed offset was shown that nobody had sent.</summary>
    PhantomCommit,

    /// <summary>An owner's commit was taken after one of a later owner.</summary>
    TwoOwners,

    /// <summary>A record came out of a poll of a partition that was not the member's.</summary>
    PollWithoutTenure,

    /// <summary>A polled offset holds another value in the log.</summary>
    InconsistentPoll,

    /// <summary>A polled record is not in the log: it was read before it could not be lost any more.</summary>
    PhantomPoll,

    /// <summary>A record that no member ever polled.</summary>
    NeverDelivered,
}

public sealed record GroupFinding(GroupAnomaly Anomaly, string Detail);

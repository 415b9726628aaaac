using OrleansLog.Cluster.Member;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>A member on its feet, in this process or in one of its own.</summary>
internal interface IRunningMember : IAsyncDisposable
{
    MemberSettings Settings { get; }

    /// <summary>It goes in good order.</summary>
    void Leave();

    /// <summary>It is gone from one moment to the next; the group has to notice.</summary>
    void Die();

    /// <summary>It does not poll for a while.</summary>
    void Stall();

    void Resume();

    /// <summary>When it has left, died or given up.</summary>
    Task Ended { get; }

    /// <summary>What it wrote down so far.</summary>
    IReadOnlyCollection<GroupEvent> Events { get; }

    IEnumerable<string> Complaints { get; }
}

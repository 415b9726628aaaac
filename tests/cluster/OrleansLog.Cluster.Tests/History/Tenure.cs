namespace OrleansLog.Cluster.Tests.History;

/// <summary>A member's ownership of one partition, from an assignment on.</summary>
/// <param name="Number">Tenures of a partition in the order in which they began.</param>
/// <param name="Member">Who owns it.</param>
/// <param name="LeastStart">The highest offset that was known to be committed when it began: it cannot begin lower.</param>
internal sealed record Tenure(int Number, string Member, long LeastStart)
{
    /// <summary>The last offset polled; -1 before the first.</summary>
    public long Polled { get; set; } = -1;

    /// <summary>Number of the latest tenure that had a commit taken when this one sent its last.</summary>
    public int OwnerAtCommit { get; set; }
}

namespace OrleansLog.Core.Partition;

/// <summary>What a replica is to its partition right now.</summary>
public enum PartitionRole : byte
{
    /// <summary>Its log cannot be used: not open yet, closed, or its directory failed (S8).</summary>
    Offline = 0,

    /// <summary>It copies the leader's log.</summary>
    Follower = 1,

    /// <summary>It takes appends and serves reads under its leader epoch.</summary>
    Leader = 2,
}

namespace OrleansLog.Core.Groups;

/// <summary>Where a group of the classic protocol stands; the names are what describe and list show.</summary>
public enum GroupPhase : byte
{
    /// <summary>No members; committed offsets may remain.</summary>
    Empty = 0,

    /// <summary>Members are joining the next generation.</summary>
    PreparingRebalance = 1,

    /// <summary>Everybody has joined; the leader's assignment is awaited.</summary>
    CompletingRebalance = 2,

    /// <summary>Every member may ask for its assignment and work.</summary>
    Stable = 3,

    /// <summary>The group is deleted, or about to be: nobody may use this object any more.</summary>
    Dead = 4,
}

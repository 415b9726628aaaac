using System.Collections.Immutable;

namespace OrleansLog.Core.Partition;

/// <summary>Another ISR that the leader wants from the controller; in force only once that has persisted it (S6).</summary>
public sealed record IsrChange
{
    /// <summary>Epoch of the leader that asks.</summary>
    public required int LeaderEpoch { get; init; }

    /// <summary>Partition epoch that the change rests on.</summary>
    public required int PartitionEpoch { get; init; }

    /// <summary>The whole new ISR, the leader among it unless it resigns: then it is among <see cref="Lost"/>.</summary>
    public required ImmutableArray<IsrMember> NewIsr { get; init; }

    /// <summary>Replicas that have lost what they had acknowledged (D15): they leave the ELR, too.</summary>
    public ImmutableArray<int> Lost { get; init; } = [];
}

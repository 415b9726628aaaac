using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>A topic was created; its partitions follow in the same version.</summary>
/// <param name="Id">Topic id.</param>
/// <param name="Name">Topic name.</param>
public sealed record TopicRecord(Guid Id, string Name) : MetadataRecord;

/// <summary>A topic was deleted, with its partitions and its configuration.</summary>
/// <param name="Id">Topic id.</param>
public sealed record TopicRemovedRecord(Guid Id) : MetadataRecord;

/// <summary>A partition as a whole: at its creation, and in snapshots.</summary>
public sealed record PartitionRecord : MetadataRecord
{
    /// <summary>Topic id.</summary>
    public required Guid TopicId { get; init; }

    /// <summary>Its state.</summary>
    public required PartitionImage State { get; init; }
}

/// <summary>Something about a partition changed; what is null stays.</summary>
public sealed record PartitionChangeRecord : MetadataRecord
{
    /// <summary>Topic id.</summary>
    public required Guid TopicId { get; init; }

    /// <summary>Partition number.</summary>
    public required int Partition { get; init; }

    /// <summary>Partition epoch after the change: one more than before.</summary>
    public required int PartitionEpoch { get; init; }

    /// <summary>New leader, or -1 for none.</summary>
    public int? Leader { get; init; }

    /// <summary>Leader epoch after the change; given with every change of the leader.</summary>
    public int? LeaderEpoch { get; init; }

    /// <summary>Replicas in sync.</summary>
    public ImmutableArray<int>? Isr { get; init; }

    /// <summary>Eligible leader replicas (KIP-966).</summary>
    public ImmutableArray<int>? Elr { get; init; }

    /// <summary>Last leader known when ISR and ELR became empty.</summary>
    public ImmutableArray<int>? LastKnownElr { get; init; }

    /// <summary>All replicas, preferred leader first.</summary>
    public ImmutableArray<int>? Replicas { get; init; }

    /// <summary>Directory of each replica.</summary>
    public ImmutableArray<Guid>? Directories { get; init; }

    /// <summary>Replicas that a reassignment adds.</summary>
    public ImmutableArray<int>? Adding { get; init; }

    /// <summary>Replicas that a reassignment removes.</summary>
    public ImmutableArray<int>? Removing { get; init; }

    /// <summary>Unclean elections so far: the record that S7 asks for.</summary>
    public int? UncleanElections { get; init; }
}

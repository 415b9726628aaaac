using System.Collections.Immutable;
using OrleansLog.Core.Partition;

namespace OrleansLog.Core.Controller;

/// <summary>The controller's state of one partition.</summary>
public sealed record PartitionImage
{
    /// <summary>No leader.</summary>
    public const int NoLeader = -1;

    /// <summary>Partition number, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Brokers that hold it, preferred leader first.</summary>
    public required ImmutableArray<int> Replicas { get; init; }

    /// <summary>Log directory of each replica, in the order of <see cref="Replicas"/>.</summary>
    public required ImmutableArray<Guid> Directories { get; init; }

    /// <summary>Replicas in sync.</summary>
    public required ImmutableArray<int> Isr { get; init; }

    /// <summary>Replicas that left the ISR while it was below its minimum, and may lead (KIP-966).</summary>
    public ImmutableArray<int> Elr { get; init; } = [];

    /// <summary>The last leader known when ISR and ELR became empty.</summary>
    public ImmutableArray<int> LastKnownElr { get; init; } = [];

    /// <summary>Replicas that a reassignment adds.</summary>
    public ImmutableArray<int> Adding { get; init; } = [];

    /// <summary>Replicas that a reassignment removes.</summary>
    public ImmutableArray<int> Removing { get; init; } = [];

    /// <summary>Broker that leads it, or <see cref="NoLeader"/>.</summary>
    public required int Leader { get; init; }

    /// <summary>Epoch of that leadership; rises with every change of the leader, and when a reassignment takes replicas away.</summary>
    public int LeaderEpoch { get; init; }

    /// <summary>Version of this state; rises with every change.</summary>
    public int PartitionEpoch { get; init; }

    /// <summary>How often a leader was elected that may not have had every committed record (S7).</summary>
    public int UncleanElections { get; init; }

    /// <summary>True when it has a leader.</summary>
    public bool HasLeader => Leader != NoLeader;

    /// <summary>True while a reassignment is under way.</summary>
    public bool IsReassigning => !(Adding.IsEmpty && Removing.IsEmpty);

    /// <summary>The directory of a broker's replica; null when the broker holds none.</summary>
    public Guid? DirectoryOf(int brokerId)
    {
        var index = Replicas.IndexOf(brokerId);
        return index < 0 ? null : Directories[index];
    }

    /// <summary>What its replicas go by.</summary>
    public PartitionLeadership ToLeadership() => new()
    {
        LeaderId = Leader,
        LeaderEpoch = LeaderEpoch,
        PartitionEpoch = PartitionEpoch,
        Replicas = Replicas,
        Isr = Isr,
        Elr = Elr,
    };
}

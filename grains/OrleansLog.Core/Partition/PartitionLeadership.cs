namespace OrleansLog.Core.Partition;

/// <summary>What metadata says about a partition at one partition epoch.</summary>
public sealed record PartitionLeadership
{
    /// <summary>Broker that leads, or -1.</summary>
    public required int LeaderId { get; init; }

    /// <summary>Epoch of that leadership.</summary>
    public required int LeaderEpoch { get; init; }

    /// <summary>Rises with every change of the partition's state.</summary>
    public required int PartitionEpoch { get; init; }

    /// <summary>Brokers that hold the partition, preferred leader first.</summary>
    public required IReadOnlyList<int> Replicas { get; init; }

    /// <summary>Replicas in sync, as persisted by the controller (S6).</summary>
    public required IReadOnlyList<int> Isr { get; init; }

    /// <summary>Replicas out of the ISR that may be elected all the same (KIP-966): what was committed, they have.</summary>
    public IReadOnlyList<int> Elr { get; init; } = [];
}

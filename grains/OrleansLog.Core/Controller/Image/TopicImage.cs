using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>A topic and its partitions.</summary>
public sealed record TopicImage
{
    /// <summary>Topic id; a topic that is deleted and made again has another.</summary>
    public required Guid Id { get; init; }

    /// <summary>Topic name.</summary>
    public required string Name { get; init; }

    /// <summary>Its partitions; the index is the partition number.</summary>
    public ImmutableArray<PartitionImage> Partitions { get; init; } = [];

    /// <summary>Copies of each partition; those that a reassignment adds do not count yet.</summary>
    public short ReplicationFactor =>
        Partitions.IsEmpty ? (short)0 : (short)(Partitions[0].Replicas.Length - Partitions[0].Adding.Length);

    /// <summary>One partition, or null when there is none of that number.</summary>
    public PartitionImage? Find(int partition) => (uint)partition < (uint)Partitions.Length ? Partitions[partition] : null;
}

/// <summary>One partition of one topic, by id.</summary>
/// <param name="TopicId">Topic id.</param>
/// <param name="Partition">Partition number, from 0.</param>
public readonly record struct TopicIdPartition(Guid TopicId, int Partition);

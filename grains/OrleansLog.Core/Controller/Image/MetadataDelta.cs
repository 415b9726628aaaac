using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>What became different between two images; whoever follows metadata pays for the change, not for the cluster.</summary>
public sealed class MetadataDelta
{
    /// <summary>The image before.</summary>
    public required MetadataImage Previous { get; init; }

    /// <summary>The image after.</summary>
    public required MetadataImage Current { get; init; }

    /// <summary>Partitions that were created or changed; those of deleted topics are not among them.</summary>
    public ImmutableHashSet<TopicIdPartition> ChangedPartitions { get; init; } = [];

    /// <summary>Topics that are gone; <see cref="Previous"/> still has them.</summary>
    public ImmutableHashSet<Guid> RemovedTopics { get; init; } = [];

    /// <summary>Brokers that registered, changed or left.</summary>
    public ImmutableHashSet<int> ChangedBrokers { get; init; } = [];

    /// <summary>Owners whose configuration changed.</summary>
    public ImmutableHashSet<ConfigOwner> ChangedConfigs { get; init; } = [];

    /// <summary>The difference of two images that no records connect, as after a snapshot.</summary>
    public static MetadataDelta Between(MetadataImage previous, MetadataImage current) => MetadataSnapshot.Diff(previous, current);
}

using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>
/// Moves a partition between brokers: it is held by the old and the new ones until the new ones are in sync, then the old ones go.
/// </summary>
internal static class Reassignment
{
    /// <summary>
    /// The partition with another target. Brokers that a reassignment before was adding and that are not among the target are dropped;
    /// so a target of the replicas that were there before cancels it.
    /// </summary>
    public static PartitionImage Start(PartitionImage partition, ImmutableArray<int> target, DirectoryPlacement directories)
    {
        var settled = partition.Replicas.RemoveRange(partition.Adding);
        ImmutableArray<int> removing = [.. settled.Except(target)];
        var replicas = target.AddRange(removing);
        return Keep(partition, replicas, directories) with { Adding = [.. target.Except(settled)], Removing = removing };
    }

    /// <summary>Brokers that hold the partition before the reassignment adds any.</summary>
    public static ImmutableArray<int> Settled(PartitionImage partition) => partition.Replicas.RemoveRange(partition.Adding);

    /// <summary>Lets the old replicas go once every new one is in sync and enough of the target are; else the partition stays as it is.</summary>
    public static PartitionImage CompleteIfInSync(PartitionImage partition, ImmutableArray<int> isr, ElectionRules rules)
    {
        if (!partition.IsReassigning || partition.Adding.Any(id => !isr.Contains(id)))
        {
            return partition;
        }

        var target = partition.Replicas.RemoveRange(partition.Removing);
        return isr.Count(id => target.Contains(id)) < rules.MinIsrOf(target.Length)
            ? partition
            : Keep(partition, target, null) with { Adding = [], Removing = [] };
    }

    private static PartitionImage Keep(PartitionImage partition, ImmutableArray<int> replicas, DirectoryPlacement? directories) => partition with
    {
        Replicas = replicas,
        Directories = [.. replicas.Select(id => partition.DirectoryOf(id) ?? directories!.Choose(id))],
        Isr = [.. partition.Isr.Where(id => replicas.Contains(id))],
        Elr = [.. partition.Elr.Where(id => replicas.Contains(id))],
        LastKnownElr = [.. partition.LastKnownElr.Where(id => replicas.Contains(id))],
    };
}

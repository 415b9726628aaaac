using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>What a topic's configuration says about elections.</summary>
/// <param name="ConfiguredMinIsr"><c>min.insync.replicas</c>.</param>
/// <param name="UncleanAllowed"><c>unclean.leader.election.enable</c>.</param>
internal readonly record struct ElectionRules(int ConfiguredMinIsr, bool UncleanAllowed)
{
    /// <summary>What counts for a partition: never more than it has replicas, those aside that a reassignment adds.</summary>
    public int MinIsrOf(PartitionImage partition) => MinIsrOf(partition.Replicas.Length - partition.Adding.Length);

    /// <summary>What counts for that many replicas.</summary>
    public int MinIsrOf(int replicas) => Math.Min(ConfiguredMinIsr, Math.Max(1, replicas));
}

/// <summary>Why a replica can no longer be trusted with what it had accepted.</summary>
internal enum Expulsion
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Its broker may have lost unsynced data (S7).</summary>
    Unclean,

    /// <summary>Its directory is not among the broker's any more.</summary>
    DirectoryGone,
}

/// <summary>Who is in sync, and who leads.</summary>
internal static class PartitionElection
{
    /// <summary>Takes a replica that lost data out of ISR and ELR.</summary>
    /// <remarks>
    /// Where nobody else is left, a replica whose directory is gone keeps its place without being able to lead: the partition
    /// stays offline until that very directory is back or an operator accepts the loss, so an empty log never leads (D11).
    /// </remarks>
    public static PartitionImage Expel(PartitionImage partition, int brokerId, Expulsion why, DirectoryPlacement directories)
    {
        if (why == Expulsion.None)
        {
            return partition;
        }

        var isr = partition.Isr.Remove(brokerId);
        var elr = partition.Elr.Remove(brokerId);
        var isLast = isr.IsEmpty && elr.IsEmpty;
        if (why == Expulsion.Unclean)
        {
            var wasMember = isr.Length + elr.Length < partition.Isr.Length + partition.Elr.Length;
            return partition with { Isr = isr, Elr = elr, LastKnownElr = isLast && wasMember ? [brokerId] : partition.LastKnownElr };
        }

        return isLast
            ? partition
            : partition with
            {
                Isr = isr,
                Elr = elr,
                Directories = partition.Directories.SetItem(partition.Replicas.IndexOf(brokerId), directories.Choose(brokerId)),
            };
    }

    /// <summary>Once a loss is recorded nobody is waited for: replicas whose directory is gone are rebuilt in another one.</summary>
    public static PartitionImage Rehome(MetadataImage image, PartitionImage partition)
    {
        var directories = new DirectoryPlacement(image);
        for (var i = 0; i < partition.Replicas.Length; i++)
        {
            if (image.FindBroker(partition.Replicas[i]) is { Directories.IsEmpty: false } broker && !broker.IsOnline(partition.Directories[i]))
            {
                partition = partition with { Directories = partition.Directories.SetItem(i, directories.Choose(broker.Id)) };
            }
        }

        return partition;
    }

    /// <summary>
    /// Brings a partition in line with the brokers of the image: completes a reassignment whose new replicas are in sync; keeps a leader that may stay; else takes the first live ISR
    /// member in replica order; else, the ISR being empty, a live ELR member; else the last known leader, or anyone where the
    /// topic allows it, recorded as unclean (S7).
    /// </summary>
    /// <param name="image">The brokers as they are now.</param>
    /// <param name="topicId">Topic id.</param>
    /// <param name="current">The partition as it is in the image.</param>
    /// <param name="wanted">The same with what the caller changed.</param>
    /// <param name="rules">The topic's rules.</param>
    /// <returns>The change, or null when nothing changes.</returns>
    public static PartitionChangeRecord? Elect(
        MetadataImage image, Guid topicId, PartitionImage current, PartitionImage wanted, ElectionRules rules)
    {
        bool CanServe(int id) => image.FindBroker(id) is { IsActive: true } broker && broker.IsOnline(wanted.DirectoryOf(id) ?? DirectoryIds.Lost);

        var isr = wanted.Isr.Where(CanServe).ToImmutableArray();
        var left = wanted.Isr.Except(isr);
        wanted = Reassignment.CompleteIfInSync(wanted with { Isr = isr, Elr = [.. wanted.Elr.Union(left)] }, isr, rules);
        isr = wanted.Isr;
        var minIsr = rules.MinIsrOf(wanted);
        var elr = isr.Length >= minIsr ? [] : wanted.Elr;
        var leader = isr.Contains(wanted.Leader) ? wanted.Leader : FirstOf(wanted.Replicas, id => isr.Contains(id));
        var unclean = wanted.UncleanElections;
        if (leader == PartitionImage.NoLeader && isr.IsEmpty)
        {
            leader = FirstOf(wanted.Replicas, id => elr.Contains(id) && CanServe(id));
            if (leader == PartitionImage.NoLeader)
            {
                leader = elr.IsEmpty ? FirstOf(wanted.LastKnownElr, CanServe) : PartitionImage.NoLeader;
                leader = leader == PartitionImage.NoLeader && rules.UncleanAllowed ? FirstOf(wanted.Replicas, CanServe) : leader;
                if (leader != PartitionImage.NoLeader)
                {
                    unclean++;
                    elr = [];
                    wanted = Rehome(image, wanted);
                }
            }

            if (leader != PartitionImage.NoLeader)
            {
                isr = [leader];
                elr = minIsr <= 1 ? [] : elr.Remove(leader);
            }
        }

        return Difference(topicId, current, wanted with
        {
            Isr = isr,
            Elr = elr,
            Leader = leader,
            LeaderEpoch = leader == current.Leader && !LosesReplicas(current, wanted) ? current.LeaderEpoch : current.LeaderEpoch + 1,
            LastKnownElr = leader == PartitionImage.NoLeader ? wanted.LastKnownElr : [],
            UncleanElections = unclean,
        });
    }

    /// <summary>The record that turns one state of a partition into another, or null when they are the same.</summary>
    public static PartitionChangeRecord? Difference(Guid topicId, PartitionImage before, PartitionImage after)
    {
        static ImmutableArray<T>? Changed<T>(ImmutableArray<T> before, ImmutableArray<T> after) => before.SequenceEqual(after) ? null : after;

        var change = new PartitionChangeRecord
        {
            TopicId = topicId,
            Partition = before.Partition,
            PartitionEpoch = before.PartitionEpoch + 1,
            Leader = before.Leader == after.Leader ? null : after.Leader,
            LeaderEpoch = before.LeaderEpoch == after.LeaderEpoch ? null : after.LeaderEpoch,
            Isr = Changed(before.Isr, after.Isr),
            Elr = Changed(before.Elr, after.Elr),
            LastKnownElr = Changed(before.LastKnownElr, after.LastKnownElr),
            Replicas = Changed(before.Replicas, after.Replicas),
            Adding = Changed(before.Adding, after.Adding),
            Removing = Changed(before.Removing, after.Removing),
            Directories = Changed(before.Directories, after.Directories),
            UncleanElections = before.UncleanElections == after.UncleanElections ? null : after.UncleanElections,
        };
        var isEmpty = change.Leader is null && change.LeaderEpoch is null && change.Isr is null && change.Elr is null
            && change.LastKnownElr is null && change.Replicas is null && change.Adding is null && change.Removing is null && change.Directories is null && change.UncleanElections is null;
        return isEmpty ? null : change;
    }

    /// <summary>
    /// A leader that went on in its epoch would know how far a replica had come that is gone; were it added again, empty, it would still
    /// count for that.
    /// </summary>
    private static bool LosesReplicas(PartitionImage before, PartitionImage after) => before.Replicas.Any(id => !after.Replicas.Contains(id));

    private static int FirstOf(ImmutableArray<int> brokers, Func<int, bool> accepts)
    {
        foreach (var id in brokers)
        {
            if (accepts(id))
            {
                return id;
            }
        }

        return PartitionImage.NoLeader;
    }
}

using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>What can be wrong with a partition; a larger value is worse than all smaller ones together.</summary>
[Flags]
internal enum PartitionProblems
{
    None = 0,

    /// <summary>Its leader is not the first of its replicas.</summary>
    NotPreferredLeader = 1,

    /// <summary>It has a leader, and a replica that is out of sync.</summary>
    UnderReplicated = 2,

    /// <summary>So many replicas are out of sync that with one more, acks=all is refused.</summary>
    AtMinIsr = 4,

    /// <summary>acks=all is refused.</summary>
    UnderMinIsr = 8,

    /// <summary>It has no leader: nothing can be written or read.</summary>
    Offline = 16,
}

/// <summary>How a partition is.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="MinIsr">Replicas that must be in sync for acks=all: <c>min.insync.replicas</c>, at most the number of replicas; null where it was not asked for.</param>
internal sealed record PartitionHealth(string Topic, PartitionDescription Partition, int? MinIsr = null)
{
    public PartitionProblems Problems => Look(Partition, MinIsr);

    public bool Has(PartitionProblems problem) => (Problems & problem) != 0;

    /// <summary>The problems as scripts read them, the worst first.</summary>
    public IReadOnlyList<string> Words =>
    [
        .. Word(PartitionProblems.Offline, "offline"), .. Word(PartitionProblems.UnderMinIsr, "under-min-isr"), .. Word(PartitionProblems.AtMinIsr, "at-min-isr"),
        .. Word(PartitionProblems.UnderReplicated, "under-replicated"), .. Word(PartitionProblems.NotPreferredLeader, "not-preferred-leader"),
    ];

    /// <summary>The problems as people read them.</summary>
    public string Describe()
    {
        var parts = new List<string>();
        if (Has(PartitionProblems.Offline))
        {
            parts.Add("no leader");
            AddBrokers("offline on", Partition.OfflineReplicas, ", ");
            AddBrokers("waits for", Partition.EligibleLeaderReplicas, " or ");
        }

        if (Has(PartitionProblems.UnderReplicated))
        {
            AddBrokers("out of sync on", [.. Partition.Replicas.Except(Partition.Isr)], ", ");
        }

        if (Has(PartitionProblems.UnderMinIsr | PartitionProblems.AtMinIsr))
        {
            parts.Add(string.Create(
                CultureInfo.InvariantCulture, $"{(Has(PartitionProblems.UnderMinIsr) ? "under" : "at")} min.insync.replicas {MinIsr}{(Has(PartitionProblems.UnderMinIsr) ? ": acks=all is refused" : "")}"));
        }

        if (Has(PartitionProblems.NotPreferredLeader))
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"led by broker {Partition.LeaderId}, not by the preferred {Partition.Replicas[0]}"));
        }

        return string.Join("; ", parts);

        void AddBrokers(string what, int[] ids, string separator)
        {
            if (ids.Length > 0)
            {
                parts.Add($"{what} broker {string.Join(separator, ids.Select(static id => id.ToString(CultureInfo.InvariantCulture)))}");
            }
        }
    }

    public PartitionProblemDocument ToDocument() => new(
        Topic, Partition.Partition, Words, Partition.LeaderId, Partition.Replicas, Partition.Isr, Partition.EligibleLeaderReplicas, Partition.OfflineReplicas, MinIsr);

    private static PartitionProblems Look(PartitionDescription partition, int? minIsr)
    {
        if (partition.LeaderId < 0)
        {
            return PartitionProblems.Offline;
        }

        var problems = partition.Replicas is [var preferred, ..] && preferred != partition.LeaderId ? PartitionProblems.NotPreferredLeader : PartitionProblems.None;
        if (partition.Isr.Length < partition.Replicas.Length)
        {
            problems |= PartitionProblems.UnderReplicated;
            problems |= partition.Isr.Length < minIsr ? PartitionProblems.UnderMinIsr : partition.Isr.Length == minIsr ? PartitionProblems.AtMinIsr : PartitionProblems.None;
        }

        return problems;
    }

    private string[] Word(PartitionProblems problem, string word) => Has(problem) ? [word] : [];
}

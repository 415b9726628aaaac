namespace OrleansLog.Client;

/// <summary>How the partitions of a group's topics are dealt out; computed at the coordinator.</summary>
public enum GroupAssignor : byte
{
    /// <summary>
    /// Balanced, keeps what it can, and moves partitions one after the other while all others go on being read (KIP-429).
    /// </summary>
    CooperativeSticky,

    /// <summary>Balanced and keeps what it can; every rebalance stops all members.</summary>
    Sticky,

    /// <summary>For each topic a run of neighbouring partitions to each member, so that equally numbered partitions of several topics meet.</summary>
    Range,

    /// <summary>All partitions in turn.</summary>
    RoundRobin,
}

internal static class GroupAssignorNames
{
    /// <summary>The name that goes over the wire; the same as in Kafka's clients.</summary>
    public static string ProtocolName(this GroupAssignor assignor) => assignor switch
    {
        GroupAssignor.Range => "range",
        GroupAssignor.RoundRobin => "roundrobin",
        GroupAssignor.Sticky => "sticky",
        _ => "cooperative-sticky",
    };
}

namespace OrleansLog.Core.Groups;

/// <summary>Which partition of <c>__consumer_offsets</c> keeps a group; clients and tools rely on the same sum.</summary>
public static class GroupPartition
{
    /// <summary>Java's string hash over UTF-16 units, without its sign, over the number of partitions; the smallest int counts as 0.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitionCount">Partitions of the topic, at least 1.</param>
    public static int For(string groupId, int partitionCount)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        var hash = JavaHash(groupId);
        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitionCount;
    }

    /// <summary>What <c>String.hashCode()</c> gives in Java.</summary>
    public static int JavaHash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hash = 0;
        foreach (var unit in text)
            hash = unchecked((31 * hash) + unit);

        return hash;
    }
}

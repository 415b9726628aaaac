using OrleansLog.Cluster.Member;

namespace OrleansLog.Cluster.Tests.History;

/// <summary>
/// Compares what the members of one group went through with what the topic holds afterwards. A tenure is the time between a partition's
/// assignment to a member and its loss; a member that dies has one without an end. Commits of unknown outcome may count or not.
/// </summary>
public static class GroupHistoryChecker
{
    public static IReadOnlyList<GroupFinding> Check(IEnumerable<GroupEvent> events, IReadOnlyCollection<ReadRecord> read)
    {
        var byPartition = events.ToLookup(happened => happened.Partition);
        var logs = read.ToLookup(record => record.Partition);
        var findings = new List<GroupFinding>();
        foreach (var partition in byPartition.Select(group => group.Key).Union(logs.Select(group => group.Key)).Order())
        {
            var log = new SortedDictionary<long, string>();
            foreach (var record in logs[partition])
            {
                log.TryAdd(record.Offset, record.Value);
            }

            // The sort is stable: events of one member keep the order in which it wrote them down.
            new GroupPartitionHistory(log, findings).Follow(byPartition[partition].OrderBy(happened => happened.At));
        }

        return findings;
    }
}

using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>All partitions of all topics in order, one to each member in turn; members that do not want the topic are passed over.</summary>
internal sealed class RoundRobinAssignor : PartitionAssignor
{
    public override string Name => "roundrobin";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        var sorted = MemberOrder.Sorted(members);
        var wanted = Array.ConvertAll(sorted, member => new HashSet<string>(member.Topics));
        var shares = Array.ConvertAll(sorted, _ => new List<TopicPartitionName>());
        var topics = new SortedSet<string>(sorted.SelectMany(member => member.Topics), StringComparer.Ordinal);

        var turn = 0;
        foreach (var topic in topics)
        {
            for (var partition = 0; partition < partitionCounts.GetValueOrDefault(topic); partition++)
            {
                while (!wanted[turn].Contains(topic))
                    turn = (turn + 1) % sorted.Length;

                shares[turn].Add(new(topic, partition));
                turn = (turn + 1) % sorted.Length;
            }
        }

        var byMember = new Dictionary<string, IReadOnlyList<TopicPartitionName>>(sorted.Length);
        for (var i = 0; i < sorted.Length; i++)
            byMember.Add(sorted[i].MemberId, shares[i]);

        return byMember;
    }
}

using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>
/// As <c>sticky</c>, but a partition that another member still owns is given to nobody in this round: its owner sees that it lost it, lets
/// go and rejoins, and the next round hands it over. So members keep working meanwhile (KIP-429).
/// </summary>
internal sealed class CooperativeStickyAssignor : PartitionAssignor
{
    public override string Name => "cooperative-sticky";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts)
    {
        var wanted = new StickyBalance(members, partitionCounts).Divide();
        var owned = new HashSet<TopicPartitionName>();
        foreach (var member in members)
            owned.UnionWith(member.OwnedPartitions);

        var shares = new Dictionary<string, IReadOnlyList<TopicPartitionName>>(members.Count);
        foreach (var member in members)
        {
            var own = new HashSet<TopicPartitionName>(member.OwnedPartitions);
            shares[member.MemberId] = [.. wanted[member.MemberId].Where(partition => own.Contains(partition) || !owned.Contains(partition))];
        }

        return shares;
    }
}

using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>Each topic by itself: its partitions in order, in runs of equal length, the first members one longer. Topics of equal size go alike.</summary>
internal sealed class RangeAssignor : PartitionAssignor
{
    public override string Name => "range";

    public override IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Assign(
        IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        var shares = new Dictionary<string, IReadOnlyList<TopicPartitionName>>(members.Count);
        var readers = new SortedDictionary<string, List<List<TopicPartitionName>>>(StringComparer.Ordinal);
        foreach (var member in MemberOrder.Sorted(members))
        {
            var share = new List<TopicPartitionName>();
            shares.Add(member.MemberId, share);
            foreach (var topic in member.Topics.Distinct())
            {
                if (!readers.TryGetValue(topic, out var ofTopic))
                    readers[topic] = ofTopic = [];

                ofTopic.Add(share);
            }
        }

        foreach (var (topic, ofTopic) in readers)
            Divide(topic, partitionCounts.GetValueOrDefault(topic), ofTopic);

        return shares;
    }

    private static void Divide(string topic, int partitions, List<List<TopicPartitionName>> shares)
    {
        var next = 0;
        for (var i = 0; i < shares.Count; i++)
        {
            var length = (partitions / shares.Count) + (i < partitions % shares.Count ? 1 : 0);
            for (; length > 0; length--)
                shares[i].Add(new(topic, next++));
        }
    }
}

using OrleansLog.Log;

namespace OrleansLog.Core.Groups.Assignors;

/// <summary>
/// One division by the sticky rules: members keep what they own, free partitions go to who has least, and then partitions move along the
/// shortest chains of members (each gives one to the next) from who has two more than the last, until no such chain is left. Without such
/// a chain no division is more even.
/// </summary>
internal sealed class StickyBalance
{
    /// <summary>Steps of balancing after which the division stays as it is: the coordinator does it between other requests.</summary>
    private const long WorkMax = 20_000_000;

    private readonly MemberSubscription[] _members;
    private readonly List<TopicPartitionName>[] _shares;
    private readonly SortedDictionary<string, (int Partitions, List<int> Readers)> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicPartitionName, int> _ownedBy = [];
    private long _work;

    public StickyBalance(IReadOnlyList<MemberSubscription> members, IReadOnlyDictionary<string, int> partitionCounts)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        _members = MemberOrder.Sorted(members);
        _shares = Array.ConvertAll(_members, _ => new List<TopicPartitionName>());
        for (var i = 0; i < _members.Length; i++)
        {
            foreach (var topic in _members[i].Topics.Distinct())
            {
                if (!_topics.TryGetValue(topic, out var entry))
                    _topics[topic] = entry = (partitionCounts.GetValueOrDefault(topic), []);

                entry.Readers.Add(i);
            }
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartitionName>> Divide()
    {
        FindOwners();
        foreach (var (partition, member) in _ownedBy)
            _shares[member].Add(partition);

        GiveFree();
        Balance();

        var byMember = new Dictionary<string, IReadOnlyList<TopicPartitionName>>(_members.Length);
        for (var i = 0; i < _members.Length; i++)
            byMember.Add(_members[i].MemberId, _shares[i]);

        return byMember;
    }

    /// <summary>Of two members that say they own a partition the one with the newer generation does; of two in one generation, neither (KIP-792).</summary>
    private void FindOwners()
    {
        var disputed = new HashSet<TopicPartitionName>();
        for (var i = 0; i < _members.Length; i++)
        {
            var wanted = new HashSet<string>(_members[i].Topics);
            foreach (var partition in _members[i].OwnedPartitions.Distinct())
            {
                if (!wanted.Contains(partition.Topic) || partition.Partition < 0 || partition.Partition >= _topics[partition.Topic].Partitions)
                    continue;

                if (!_ownedBy.TryGetValue(partition, out var rival))
                    _ownedBy[partition] = i;
                else if (_members[rival].OwnedGeneration == _members[i].OwnedGeneration)
                    disputed.Add(partition);
                else if (_members[rival].OwnedGeneration < _members[i].OwnedGeneration)
                {
                    _ownedBy[partition] = i;
                    disputed.Remove(partition);
                }
            }
        }

        foreach (var partition in disputed)
            _ownedBy.Remove(partition);
    }

    /// <summary>Topics with the fewest readers first: their partitions have the least choice.</summary>
    private void GiveFree()
    {
        foreach (var (topic, (partitions, readers)) in _topics.OrderBy(t => t.Value.Readers.Count).ThenBy(t => t.Key, StringComparer.Ordinal))
        {
            for (var number = 0; number < partitions; number++)
            {
                var partition = new TopicPartitionName(topic, number);
                if (_ownedBy.ContainsKey(partition))
                    continue;

                var least = readers[0];
                foreach (var reader in readers)
                {
                    if (_shares[reader].Count < _shares[least].Count)
                        least = reader;
                }

                _shares[least].Add(partition);
            }
        }
    }

    /// <summary>One chain at a time, always from who has most of those that can still give.</summary>
    private void Balance()
    {
        var stuck = new bool[_members.Length];
        var movedSinceStuck = false;
        while (_work < WorkMax)
        {
            var sources = MostLoaded(stuck);
            if (sources.Count > 0 && MoveChain(sources))
            {
                movedSinceStuck = true;
            }
            else if (sources.Count > 0)
            {
                foreach (var source in sources)
                    stuck[source] = true;
            }
            else
            {
                if (!movedSinceStuck)
                    return;

                movedSinceStuck = false;
                Array.Clear(stuck);
            }
        }
    }

    private List<int> MostLoaded(bool[] except)
    {
        var most = new List<int>();
        _work += _members.Length;
        for (var i = 0; i < _members.Length; i++)
        {
            if (except[i] || (most.Count > 0 && _shares[i].Count < _shares[most[0]].Count))
                continue;
            if (most.Count > 0 && _shares[i].Count > _shares[most[0]].Count)
                most.Clear();

            most.Add(i);
        }

        return most;
    }

    /// <summary>Breadth first over who could take a partition of whom; the nearest member that has at least two fewer ends the chain.</summary>
    private bool MoveChain(List<int> sources)
    {
        var limit = _shares[sources[0]].Count - 2;
        if (limit < 0)
            return false;

        var cameFrom = new (int Member, string Topic)[_members.Length];
        Array.Fill(cameFrom, (-1, ""));
        foreach (var source in sources)
            cameFrom[source] = (source, "");

        var seenTopics = new HashSet<string>();
        for (var level = sources; level.Count > 0;)
        {
            var next = Reach(level, cameFrom, seenTopics);
            var target = -1;
            foreach (var taker in next)
            {
                if (_shares[taker].Count <= limit && (target < 0 || _shares[taker].Count < _shares[target].Count))
                    target = taker;
            }

            if (target >= 0)
            {
                Move(cameFrom, target);
                return true;
            }

            level = next;
        }

        return false;
    }

    private List<int> Reach(List<int> level, (int Member, string Topic)[] cameFrom, HashSet<string> seenTopics)
    {
        var next = new List<int>();
        foreach (var giver in level)
        {
            _work += 1 + _shares[giver].Count;
            foreach (var partition in _shares[giver])
            {
                if (!seenTopics.Add(partition.Topic))
                    continue;

                var readers = _topics[partition.Topic].Readers;
                _work += readers.Count;
                foreach (var taker in readers)
                {
                    if (cameFrom[taker].Member >= 0)
                        continue;

                    cameFrom[taker] = (giver, partition.Topic);
                    next.Add(taker);
                }
            }
        }

        return next;
    }

    private void Move((int Member, string Topic)[] cameFrom, int target)
    {
        for (var taker = target; cameFrom[taker].Member != taker; taker = cameFrom[taker].Member)
        {
            var (giver, topic) = cameFrom[taker];
            var partition = Choose(giver, taker, topic);
            _shares[giver].Remove(partition);
            _shares[taker].Add(partition);
        }
    }

    /// <summary>Best a partition that the taker owned before, then one that the giver did not, then the last.</summary>
    private TopicPartitionName Choose(int giver, int taker, string topic)
    {
        TopicPartitionName best = default;
        var bestRank = -1;
        foreach (var partition in _shares[giver])
        {
            if (partition.Topic != topic)
                continue;

            var owner = _ownedBy.GetValueOrDefault(partition, -1);
            var rank = owner == taker ? 2 : owner != giver ? 1 : 0;
            if (rank > bestRank || (rank == bestRank && partition.Partition > best.Partition))
                (best, bestRank) = (partition, rank);
        }

        return best;
    }
}

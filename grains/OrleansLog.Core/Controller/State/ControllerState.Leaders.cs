using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>Leaders that one look at the balance moves at most; what is left is moved by the next look, a second later.</summary>
    public const int BalancedPerLook = 1000;

    private long _balancedAtMs;

    /// <summary>Elects leaders on demand; who asks for all partitions is told only of those where there was something to do.</summary>
    public Decision<PartitionAnswer[]> ElectLeaders(ElectLeaders request)
    {
        var records = new List<MetadataRecord>();
        if (request.Partitions is null)
        {
            var all = Latest.TopicIds.Values.Select(id => Latest.Topics[id])
                .SelectMany(topic => topic.Partitions.Select(partition => ElectLeader(topic, partition, request.Kind, records)))
                .Where(answer => answer.Error != ErrorCode.ElectionNotNeeded).ToArray();
            return Decide(all, records);
        }

        var repeated = Repeated(request.Partitions);
        var answers = request.Partitions.Select(asked => Latest.FindTopic(asked.Topic) is { } topic && topic.Find(asked.Partition) is { } partition
            ? repeated.Contains(asked)
                ? new PartitionAnswer(asked.Topic, asked.Partition, ErrorCode.InvalidRequest, $"{asked.Topic}-{asked.Partition} is named twice in one request")
                : ElectLeader(topic, partition, request.Kind, records)
            : new PartitionAnswer(asked.Topic, asked.Partition, ErrorCode.UnknownTopicOrPartition, $"{asked.Topic}-{asked.Partition} does not exist")).ToArray();
        return Decide(answers, records);
    }

    /// <summary>
    /// Gives leaderships back to their preferred replicas, every <c>leader.imbalance.check.interval.seconds</c>, for each broker of whose
    /// preferred partitions others lead more than <c>leader.imbalance.per.broker.percentage</c>; called with <see cref="ExpireSessions"/>.
    /// </summary>
    /// <returns>How many leaders were moved.</returns>
    public int BalanceLeaders(long nowMs)
    {
        var config = Config;
        if (nowMs - _balancedAtMs < config.LeaderImbalanceCheckIntervalMs)
        {
            return 0;
        }

        _balancedAtMs = nowMs;
        if (!config.AutoLeaderRebalanceEnable)
        {
            return 0;
        }

        var preferred = new Dictionary<int, int>();
        var elsewhere = new Dictionary<int, List<(TopicImage Topic, PartitionImage Partition)>>();
        foreach (var topic in Latest.Topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                var id = partition.Replicas[0];
                preferred[id] = preferred.GetValueOrDefault(id) + 1;
                if (partition.HasLeader && partition.Leader != id)
                {
                    (elsewhere.TryGetValue(id, out var list) ? list : elsewhere[id] = []).Add((topic, partition));
                }
            }
        }

        var records = new List<MetadataRecord>();
        foreach (var (id, partitions) in elsewhere.OrderBy(pair => pair.Key))
        {
            if (partitions.Count * 100L <= preferred[id] * (long)config.LeaderImbalancePerBrokerPercentage)
            {
                continue;
            }

            foreach (var (topic, partition) in partitions.Where(candidate => !candidate.Partition.IsReassigning))
            {
                if (records.Count == BalancedPerLook)
                {
                    _balancedAtMs = nowMs - config.LeaderImbalanceCheckIntervalMs;
                    break;
                }

                ElectLeader(topic, partition, ElectionKind.Preferred, records);
            }
        }

        Emit(records);
        return records.Count;
    }

    private PartitionAnswer ElectLeader(TopicImage topic, PartitionImage partition, ElectionKind kind, List<MetadataRecord> records)
    {
        PartitionAnswer Answer(ErrorCode error, string? message) => new(topic.Name, partition.Partition, error, message);
        var name = $"{topic.Name}-{partition.Partition}";
        var rules = RulesOf(Latest, topic);
        var wanted = partition;
        if (kind == ElectionKind.Preferred)
        {
            var preferred = partition.Replicas[0];
            if (partition.Leader == preferred)
            {
                return Answer(ErrorCode.ElectionNotNeeded, $"broker {preferred}, the preferred leader, leads {name}");
            }

            if (!partition.Isr.Contains(preferred) || !CanLead(partition, preferred))
            {
                return Answer(ErrorCode.PreferredLeaderNotAvailable, $"broker {preferred}, the preferred leader of {name}, is not in sync and alive");
            }

            wanted = partition with { Leader = preferred };
        }
        else if (partition.HasLeader)
        {
            return Answer(ErrorCode.ElectionNotNeeded, $"broker {partition.Leader} leads {name}");
        }
        else if (!partition.Replicas.Any(id => CanLead(partition, id)))
        {
            return Answer(ErrorCode.EligibleLeadersNotAvailable, $"no broker of {name} is alive with the directory that holds it");
        }
        else
        {
            rules = rules with { UncleanAllowed = true };
        }

        records.Add(PartitionElection.Elect(Latest, topic.Id, partition, wanted, rules)!);
        return Answer(ErrorCode.None, null);
    }

    private bool CanLead(PartitionImage partition, int id) =>
        Latest.FindBroker(id) is { IsActive: true } broker && broker.IsOnline(partition.DirectoryOf(id) ?? DirectoryIds.Lost);
}

using System.Collections.Immutable;
using OrleansLog.Core.Configuration;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    /// <summary>Creates topics, each for itself; with <paramref name="validateOnly"/> only says what would happen.</summary>
    public Decision<TopicAnswer[]> CreateTopics(IReadOnlyList<CreateTopic> topics, bool validateOnly)
    {
        var placement = new TopicPlacement(Latest, Config.RequestPartitionsMax);
        var records = new List<MetadataRecord>();
        var names = new HashSet<string>(Latest.TopicIds.Keys, StringComparer.Ordinal);
        var answers = new TopicAnswer[topics.Count];
        var budget = Config.RequestPartitionsMax;
        var repeated = Repeated(topics.Select(topic => topic.Name));
        for (var i = 0; i < topics.Count; i++)
        {
            answers[i] = repeated.Contains(topics[i].Name)
                ? new TopicAnswer(topics[i].Name, ErrorCode.InvalidRequest, $"topic {topics[i].Name} is named twice in one request")
                : CreateTopic(topics[i], names, placement, ref budget, records);
        }

        return validateOnly ? Decide(answers) : Decide(answers, records);
    }

    /// <summary>Deletes topics by name.</summary>
    public Decision<TopicAnswer[]> DeleteTopics(IReadOnlyList<string> names) =>
        Delete(names, Latest.FindTopic, (name, error, message) => new TopicAnswer(name, error, message), UnknownTopic);

    /// <summary>Deletes topics by id (KIP-516): a topic that was made anew under the same name stays.</summary>
    public Decision<TopicAnswer[]> DeleteTopics(IReadOnlyList<Guid> ids) => Delete(
        ids, Latest.FindTopic, (id, error, message) => new TopicAnswer("", error, message, id),
        id => new TopicAnswer("", ErrorCode.UnknownTopicId, $"there is no topic of id {Uuid.FromGuid(id)}", id));

    private Decision<TopicAnswer[]> Delete<T>(
        IReadOnlyList<T> topics, Func<T, TopicImage?> find, Func<T, ErrorCode, string, TopicAnswer> refuse, Func<T, TopicAnswer> unknown)
    {
        if (!Config.DeleteTopicEnable)
        {
            return Decide(topics.Select(topic =>
                refuse(topic, ErrorCode.TopicDeletionDisabled, "topics cannot be deleted while delete.topic.enable is false")).ToArray());
        }

        var records = new List<MetadataRecord>();
        var deleted = new HashSet<Guid>();
        var answers = new TopicAnswer[topics.Count];
        for (var i = 0; i < topics.Count; i++)
        {
            var topic = find(topics[i]);
            if (topic is null || !deleted.Add(topic.Id))
            {
                answers[i] = unknown(topics[i]);
                continue;
            }

            records.Add(new TopicRemovedRecord(topic.Id));
            answers[i] = new TopicAnswer(topic.Name, ErrorCode.None, Id: topic.Id);
        }

        return Decide(answers, records);
    }

    /// <summary>Raises numbers of partitions.</summary>
    public Decision<TopicAnswer[]> GrowTopics(IReadOnlyList<GrowTopic> topics, bool validateOnly)
    {
        var placement = new TopicPlacement(Latest, Config.RequestPartitionsMax);
        var records = new List<MetadataRecord>();
        var answers = new TopicAnswer[topics.Count];
        var budget = Config.RequestPartitionsMax;
        var repeated = Repeated(topics.Select(topic => topic.Topic));
        for (var i = 0; i < topics.Count; i++)
        {
            answers[i] = repeated.Contains(topics[i].Topic)
                ? new TopicAnswer(topics[i].Topic, ErrorCode.InvalidRequest, $"topic {topics[i].Topic} is named twice in one request")
                : Grow(topics[i], placement, ref budget, records);
        }

        return validateOnly ? Decide(answers) : Decide(answers, records);
    }

    /// <summary>
    /// Elects a leader of a partition that has none, whatever it lost: the way out when a directory or a disk is gone for good.
    /// </summary>
    public Decision<TopicAnswer[]> AcceptLoss(AcceptLoss request)
    {
        var topic = Latest.FindTopic(request.Topic);
        if (topic?.Find(request.Partition) is not { } partition)
        {
            return Decide<TopicAnswer[]>([UnknownTopic(request.Topic)]);
        }

        if (partition.HasLeader)
        {
            return Decide<TopicAnswer[]>([new(topic.Name, ErrorCode.ElectionNotNeeded, $"broker {partition.Leader} leads {topic.Name}-{partition.Partition}")]);
        }

        foreach (var id in partition.LastKnownElr.Concat(partition.Elr).Concat(partition.Isr).Concat(partition.Replicas))
        {
            if (Latest.FindBroker(id) is { IsActive: true, Directories.IsEmpty: false })
            {
                var change = PartitionElection.Difference(topic.Id, partition, PartitionElection.Rehome(Latest, partition) with
                {
                    Leader = id,
                    LeaderEpoch = partition.LeaderEpoch + 1,
                    Isr = [id],
                    Elr = [],
                    LastKnownElr = [],
                    UncleanElections = partition.UncleanElections + 1,
                });
                return Decide<TopicAnswer[]>([new(topic.Name, ErrorCode.None, Id: topic.Id)], [change!]);
            }
        }

        return Decide<TopicAnswer[]>(
            [new(topic.Name, ErrorCode.EligibleLeadersNotAvailable, $"no broker of {topic.Name}-{partition.Partition} is alive with a working directory")]);
    }

    private static HashSet<T> Repeated<T>(IEnumerable<T> items)
    {
        var seen = new HashSet<T>();
        return [.. items.Where(item => !seen.Add(item))];
    }

    private static TopicAnswer UnknownTopic(string name) =>
        new(name, ErrorCode.UnknownTopicOrPartition, $"topic {name} does not exist, or not with that partition");

    private TopicAnswer CreateTopic(
        CreateTopic request, HashSet<string> names, TopicPlacement placement, ref int budget, List<MetadataRecord> records)
    {
        if (RefuseName(request.Name, names) is { } refusal)
        {
            return refusal;
        }

        if (TopicConfig.Validate(Config, request.Configs) is [var problem, ..])
        {
            return new TopicAnswer(request.Name, ErrorCode.InvalidConfig, problem.Message);
        }

        var count = request.Assignments?.Count ?? (request.Partitions == -1 ? Config.NumPartitions : request.Partitions);
        var factor = request.ReplicationFactor == -1 ? Config.DefaultReplicationFactor : request.ReplicationFactor;
        if (request.Assignments is not null && (request.Partitions != -1 || request.ReplicationFactor != -1))
        {
            return new TopicAnswer(request.Name, ErrorCode.InvalidRequest, "give either assignments or the two numbers, not both");
        }

        if (placement.Place(request.Assignments, count, 0, factor, ref budget, out var partitions) is { } wrong)
        {
            return new TopicAnswer(request.Name, wrong.Error, wrong.Message);
        }

        var id = _settings.NewId();
        names.Add(request.Name);
        records.Add(new TopicRecord(id, request.Name));
        records.AddRange(partitions.Select(partition => new PartitionRecord { TopicId = id, State = partition }));
        records.AddRange(request.Configs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new ConfigRecord(ConfigOwnerKind.Topic, request.Name, pair.Key, pair.Value)));
        return new TopicAnswer(request.Name, ErrorCode.None, Id: id, Partitions: partitions.Length, ReplicationFactor: partitions[0].Replicas.Length);
    }

    private static TopicAnswer? RefuseName(string name, HashSet<string> names)
    {
        if (!TopicNames.IsValid(name, out var reason))
        {
            return new TopicAnswer(name, ErrorCode.InvalidTopicException, reason);
        }

        if (names.Contains(name))
        {
            return new TopicAnswer(name, ErrorCode.TopicAlreadyExists, $"topic {name} exists");
        }

        return TopicNames.HasCollidingCharacters(name) && names.FirstOrDefault(other => TopicNames.CollidesWith(name, other)) is { } twin
            ? new TopicAnswer(name, ErrorCode.InvalidTopicException, $"topic {name} collides with {twin}: '.' and '_' are not told apart in metric names")
            : null;
    }

    private TopicAnswer Grow(GrowTopic request, TopicPlacement placement, ref int budget, List<MetadataRecord> records)
    {
        if (Latest.FindTopic(request.Topic) is not { } topic)
        {
            return UnknownTopic(request.Topic);
        }

        var now = topic.Partitions.Length;
        if (request.TotalCount <= now)
        {
            return new TopicAnswer(
                topic.Name, ErrorCode.InvalidPartitions, $"topic {topic.Name} has {now} partitions; {request.TotalCount} is not more, and partitions cannot be taken away");
        }

        var added = request.TotalCount - now;
        if (request.Assignments is not null && request.Assignments.Count != added)
        {
            return new TopicAnswer(topic.Name, ErrorCode.InvalidReplicaAssignment, $"{added} partitions are added, {request.Assignments.Count} are assigned");
        }

        if (placement.Place(request.Assignments, added, now, topic.ReplicationFactor, ref budget, out var partitions) is { } wrong)
        {
            return new TopicAnswer(topic.Name, wrong.Error, wrong.Message);
        }

        records.AddRange(partitions.Select(partition => new PartitionRecord { TopicId = topic.Id, State = partition }));
        return new TopicAnswer(
            topic.Name, ErrorCode.None, Id: topic.Id, Partitions: request.TotalCount, ReplicationFactor: topic.ReplicationFactor);
    }
}

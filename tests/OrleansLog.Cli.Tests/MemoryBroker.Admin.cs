using OrleansLog.Protocol;

namespace OrleansLog.Cli.Tests;

internal sealed partial class MemoryBroker : IAdminTransport
{
    private readonly Dictionary<string, Dictionary<string, string>> _configs = new(StringComparer.Ordinal);
    private long _lastProducerId;

    public async ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken) =>
        OnDescribeCluster() is { } failure ? throw failure : await GetMetadataAsync([], minVersion, cancellationToken) with { Brokers = Brokers };

    public ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        GetMetadataAsync(topics, minVersion, cancellationToken);

    public ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        Each(topics, topic => topic.Name, topic =>
        {
            if (_topics.ContainsKey(topic.Name))
            {
                return ErrorCode.TopicAlreadyExists;
            }

            if (!TopicNames.IsValid(topic.Name, out _))
            {
                return ErrorCode.InvalidTopicException;
            }

            if (!validateOnly)
            {
                AddTopic(topic.Name, topic.Partitions < 0 ? 3 : topic.Partitions);
                _configs[topic.Name] = topic.Configs.ToDictionary();
            }

            return ErrorCode.None;
        });

    public ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken) =>
        Each(topics, name => name, name => _topics.Remove(name) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition);

    public ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        Each(topics, topic => topic.Topic, topic =>
        {
            var partitions = _topics[topic.Topic];
            if (topic.TotalCount <= partitions.Count)
            {
                return ErrorCode.InvalidPartitions;
            }

            if (validateOnly)
            {
                return ErrorCode.None;
            }

            partitions.AddRange(Enumerable.Range(0, topic.TotalCount - partitions.Count).Select(_ => new Partition()));
            return ErrorCode.None;
        });

    public ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken) =>
        new(Array.ConvertAll(resources, resource => new ConfigDescription
        {
            Resource = resource,
            Error = resource.Type == ConfigResourceType.Topic && !_topics.ContainsKey(resource.Name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None,
            Values =
            [
                new ConfigValue { Name = "max.message.bytes", Value = MaxMessageBytes, Source = ConfigSource.DefaultConfig, Documentation = "Largest batch." },
                .. _configs.GetValueOrDefault(resource.Name, []).Select(pair => new ConfigValue
                {
                    Name = pair.Key, Value = pair.Value, Source = ConfigSource.DynamicTopicConfig,
                }),
            ],
        }));

    public ValueTask<ConfigAlterationResults> AlterConfigsAsync(
        ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
    {
        var alteration = alterations[0];
        if (alteration.Changes.FirstOrDefault(change => change.Name == "no.such.key") is { } unknown)
        {
            return new(new ConfigAlterationResults(7, [new(alteration.Resource, ErrorCode.InvalidConfig, $"'{unknown.Name}' is not a key.")]));
        }

        var configs = _configs.TryGetValue(alteration.Resource.Name, out var found) ? found : _configs[alteration.Resource.Name] = [];
        foreach (var change in validateOnly ? [] : alteration.Changes)
        {
            if (change.Operation == ConfigOperation.Set)
            {
                configs[change.Name] = change.Value!;
            }
            else
            {
                configs.Remove(change.Name);
            }
        }

        return new(new ConfigAlterationResults(8, [new(alteration.Resource, ErrorCode.None)]));
    }

    public ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken) =>
        new(new InitProducerIdResult(Protocol.ErrorCode.None, Interlocked.Increment(ref _lastProducerId), 0));

    public ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        Each([partition], lost => lost.Topic, lost =>
        {
            if (!IsRecoverable)
            {
                return ErrorCode.EligibleLeadersNotAvailable;
            }

            Find(lost)!.IsLost = false;
            return ErrorCode.None;
        });

    public ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken) => new(
    [
        new LogDirDescription
        {
            Path = "/data/one", DirectoryId = Guid.NewGuid(), TotalBytes = 1000, UsableBytes = 500,
            Replicas = [.. _topics.Keys.Select(topic => new ReplicaDescription(new TopicPartition(topic, 0), 10, 1))],
        },
        new LogDirDescription { Path = "/data/two", Error = ErrorCode.KafkaStorageError, Message = "input/output error" },
    ]);

    private ValueTask<TopicResults> Each<T>(T[] items, Func<T, string> name, Func<T, ErrorCode> work)
    {
        lock (_lock)
        {
            return new(new TopicResults(8, Array.ConvertAll(items, item =>
            {
                var error = work(item);
                return new TopicResult
                {
                    Name = name(item),
                    Error = error,
                    Partitions = _topics.GetValueOrDefault(name(item))?.Count ?? 0,
                    ReplicationFactor = 1,
                };
            })));
        }
    }

    private TopicDescription Describe(string name) => _topics.TryGetValue(name, out var partitions)
        ? new TopicDescription
        {
            Name = name,
            TopicId = Guid.Parse("00000000-0000-0000-0000-0000000000ff"),
            Partitions =
            [
                .. partitions.Select((partition, i) => Told.GetValueOrDefault(new(name, i)) ?? new PartitionDescription
                {
                    Partition = i,
                    LeaderId = partition.IsLost ? -1 : 1,
                    LeaderEpoch = 5,
                    Replicas = [1],
                    Isr = [1],
                    OfflineReplicas = partition.IsLost ? [1] : [],
                }),
            ],
        }
        : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition };
}

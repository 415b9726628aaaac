namespace OrleansLog.Client;

/// <summary>Administration over the two transports; a change raises the version that later metadata must have.</summary>
internal sealed partial class LogAdmin(ClientContext client) : ILogAdmin
{
    public Task<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken = default) =>
        DescribeClusterAsync(includeFencedBrokers: false, cancellationToken);

    public async Task<ClusterDescription> DescribeClusterAsync(bool includeFencedBrokers, CancellationToken cancellationToken = default)
    {
        var metadata = Seen(includeFencedBrokers
            ? await client.Admin.DescribeClusterAsync(client.Topics.Version, cancellationToken).ConfigureAwait(false)
            : await client.Transport.GetMetadataAsync([], client.Topics.Version, cancellationToken).ConfigureAwait(false));
        return new ClusterDescription(
            metadata.ClusterId, metadata.ControllerId, [.. metadata.Brokers.OrderBy(static broker => broker.Id)], metadata.Version);
    }

    public async Task<IReadOnlyList<TopicDescription>> ListTopicsAsync(bool includeInternal = false, CancellationToken cancellationToken = default)
    {
        var metadata = Seen(await client.Admin.DescribeTopicsAsync(null, client.Topics.Version, cancellationToken).ConfigureAwait(false));
        return [.. metadata.Topics.Where(topic => includeInternal || !topic.IsInternal).OrderBy(static topic => topic.Name, StringComparer.Ordinal)];
    }

    public async Task<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var found = (await DescribeTopicsAsync([topic], cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(found.Error, null, topic);
        return found;
    }

    public async Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(
        IEnumerable<string> topics, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics];
        if (names.Length == 0)
            return [];
        var metadata = Seen(await client.Admin.DescribeTopicsAsync(names, client.Topics.Version, cancellationToken).ConfigureAwait(false));
        return Complete(metadata.Topics, names.Length);
    }

    public async Task<TopicResult> CreateTopicAsync(
        string topic, int partitions = -1, short replicationFactor = -1, IReadOnlyDictionary<string, string>? configs = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var wanted = new NewTopic { Name = topic, Partitions = partitions, ReplicationFactor = replicationFactor };
        if (configs is not null)
            wanted = wanted with { Configs = new Dictionary<string, string>(configs) };
        var result = (await CreateTopicsAsync([wanted], validateOnly: false, cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(result.Error, result.Message, topic);
        return result;
    }

    public Task<IReadOnlyList<TopicResult>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, bool validateOnly = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        NewTopic[] wanted = [.. topics];
        return ChangeAsync(client.Admin.CreateTopicsAsync(wanted, validateOnly, cancellationToken), wanted.Length);
    }

    public async Task DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var result = (await DeleteTopicsAsync([topic], cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(result.Error, result.Message, topic);
    }

    public Task<IReadOnlyList<TopicResult>> DeleteTopicsAsync(IEnumerable<string> topics, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics];
        return ChangeAsync(client.Admin.DeleteTopicsAsync(names, cancellationToken), names.Length);
    }

    public async Task GrowTopicAsync(
        string topic, int totalPartitions, bool validateOnly = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var result = (await CreatePartitionsAsync([new NewPartitions(topic, totalPartitions)], validateOnly, cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(result.Error, result.Message, topic);
    }

    public Task<IReadOnlyList<TopicResult>> CreatePartitionsAsync(
        IEnumerable<NewPartitions> topics, bool validateOnly = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        NewPartitions[] wanted = [.. topics];
        return ChangeAsync(client.Admin.CreatePartitionsAsync(wanted, validateOnly, cancellationToken), wanted.Length);
    }

    public async Task<IReadOnlyList<ConfigValue>> DescribeTopicConfigAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var found = (await DescribeConfigsAsync([new ConfigResource(ConfigResourceType.Topic, topic)], cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(found.Error, found.Message, topic);
        return found.Values;
    }

    public async Task<IReadOnlyList<ConfigDescription>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resources);
        ConfigResource[] wanted = [.. resources];
        return Complete(await client.Admin.DescribeConfigsAsync(wanted, cancellationToken).ConfigureAwait(false), wanted.Length);
    }

    public async Task AlterTopicConfigAsync(
        string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(changes);
        ConfigChange[] list = [.. changes.Select(static change =>
            new ConfigChange(change.Key, change.Value is null ? ConfigOperation.Delete : ConfigOperation.Set, change.Value))];
        var alteration = new ConfigAlteration(new ConfigResource(ConfigResourceType.Topic, topic), list);
        var result = (await AlterConfigsAsync([alteration], validateOnly: false, cancellationToken).ConfigureAwait(false))[0];
        LogException.ThrowIfError(result.Error, result.Message, topic);
    }

    public async Task<IReadOnlyList<ConfigAlterationResult>> AlterConfigsAsync(
        IEnumerable<ConfigAlteration> alterations, bool validateOnly = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alterations);
        ConfigAlteration[] wanted = [.. alterations];
        var answer = await client.Admin.AlterConfigsAsync(wanted, validateOnly, cancellationToken).ConfigureAwait(false);
        client.Topics.Saw(answer.Version);
        return Complete(answer.Results, wanted.Length);
    }

    public async Task<IReadOnlyList<ListOffsetsResult>> ListOffsetsAsync(
        IEnumerable<ListOffsetsQuery> queries, IsolationLevel isolation = IsolationLevel.ReadUncommitted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ListOffsetsQuery[] wanted = [.. queries];
        return Complete(await client.Transport.ListOffsetsAsync(wanted, isolation, cancellationToken).ConfigureAwait(false), wanted.Length);
    }

    public async Task<IReadOnlyList<DeleteRecordsResult>> DeleteRecordsAsync(
        IEnumerable<DeleteRecordsQuery> queries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        DeleteRecordsQuery[] wanted = [.. queries];
        return Complete(await client.Transport.DeleteRecordsAsync(wanted, cancellationToken).ConfigureAwait(false), wanted.Length);
    }

    public async Task AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partition.Topic, nameof(partition));
        var result = (await ChangeAsync(client.Admin.AcceptLossAsync(partition, cancellationToken), expected: 1).ConfigureAwait(false))[0];
        LogException.ThrowIfError(result.Error, result.Message, partition.Topic);
    }

    public async Task<IReadOnlyList<LogDirDescription>> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken = default)
    {
        var cluster = await DescribeClusterAsync(cancellationToken).ConfigureAwait(false);
        if (!cluster.Brokers.Any(broker => broker.Id == brokerId))
            throw new LogException(ErrorCode.BrokerNotAvailable, $"There is no live broker {brokerId}; there are: {string.Join(", ", cluster.Brokers.Select(static broker => broker.Id))}.");
        return await client.Admin.DescribeLogDirsAsync(brokerId, cancellationToken).ConfigureAwait(false);
    }

    private static T[] Complete<T>(T[] answers, int expected) => answers.Length == expected
        ? answers
        : throw new LogException(ErrorCode.UnknownServerError, $"The cluster answered {answers.Length} of {expected} questions.");

    private async Task<IReadOnlyList<TopicResult>> ChangeAsync(ValueTask<TopicResults> change, int expected)
    {
        var answer = await change.ConfigureAwait(false);
        client.Topics.Saw(answer.Version);
        return Complete(answer.Results, expected);
    }

    private ClusterMetadata Seen(ClusterMetadata metadata)
    {
        client.Topics.Saw(metadata.Version);
        return metadata;
    }
}

namespace OrleansLog.Client;

/// <summary>
/// Topics, configurations, offsets, groups and brokers. Methods about one thing throw; methods about many answer with an error for each.
/// Thread-safe. All throw <see cref="LogException"/> when the cluster cannot be reached.
/// </summary>
/// <example>
/// <code>
/// await log.Admin.CreateTopicAsync("orders", partitions: 12, configs: new Dictionary&lt;string, string&gt; { ["retention.ms"] = "3600000" });
/// </code>
/// </example>
public interface ILogAdmin
{
    /// <summary>The cluster: id, controller, brokers.</summary>
    Task<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken = default);

    /// <summary>The same; with <paramref name="includeFencedBrokers"/> also the brokers that are stopped or away.</summary>
    /// <param name="includeFencedBrokers">With the registered brokers that are fenced. A Kafka broker without KIP-1073 does not tell of these.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ClusterDescription> DescribeClusterAsync(bool includeFencedBrokers, CancellationToken cancellationToken = default);

    /// <summary>All topics, by name.</summary>
    Task<IReadOnlyList<TopicDescription>> ListTopicsAsync(bool includeInternal = false, CancellationToken cancellationToken = default);

    /// <summary>One topic.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    Task<TopicDescription> DescribeTopicAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Several topics, in the order asked; each with its own error.</summary>
    Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IEnumerable<string> topics, CancellationToken cancellationToken = default);

    /// <summary>Creates a topic.</summary>
    /// <param name="topic">Topic name: 1 to 249 characters of <c>[a-zA-Z0-9._-]</c>.</param>
    /// <param name="partitions">Number of partitions, or -1 for the brokers' default.</param>
    /// <param name="replicationFactor">Copies of each partition, or -1 for the brokers' default.</param>
    /// <param name="configs">Topic configuration to set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TopicAlreadyExistsException">A topic of that name exists.</exception>
    /// <exception cref="LogException">The name, a number or a configuration is refused; the message says why.</exception>
    Task<TopicResult> CreateTopicAsync(
        string topic, int partitions = -1, short replicationFactor = -1, IReadOnlyDictionary<string, string>? configs = null,
        CancellationToken cancellationToken = default);

    /// <summary>Creates topics; each with its own error.</summary>
    Task<IReadOnlyList<TopicResult>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, bool validateOnly = false, CancellationToken cancellationToken = default);

    /// <summary>Deletes a topic with all its records.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    Task DeleteTopicAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Deletes topics; each with its own error.</summary>
    Task<IReadOnlyList<TopicResult>> DeleteTopicsAsync(IEnumerable<string> topics, CancellationToken cancellationToken = default);

    /// <summary>Raises a topic's number of partitions. Keys move to other partitions by that.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="LogException">The number is not larger than now.</exception>
    Task GrowTopicAsync(string topic, int totalPartitions, bool validateOnly = false, CancellationToken cancellationToken = default);

    /// <summary>Raises numbers of partitions; each topic with its own error.</summary>
    Task<IReadOnlyList<TopicResult>> CreatePartitionsAsync(
        IEnumerable<NewPartitions> topics, bool validateOnly = false, CancellationToken cancellationToken = default);

    /// <summary>A topic's configuration in force, each value with its source.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    Task<IReadOnlyList<ConfigValue>> DescribeTopicConfigAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Configurations in force; each resource with its own error.</summary>
    Task<IReadOnlyList<ConfigDescription>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources, CancellationToken cancellationToken = default);

    /// <summary>Sets values of a topic's configuration; a null value goes back to the default.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="LogException">A value is refused; then none is changed.</exception>
    Task AlterTopicConfigAsync(string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken = default);

    /// <summary>Changes configurations; each resource with its own error.</summary>
    Task<IReadOnlyList<ConfigAlterationResult>> AlterConfigsAsync(
        IEnumerable<ConfigAlteration> alterations, bool validateOnly = false, CancellationToken cancellationToken = default);

    /// <summary>Looks offsets up by time or at an end (<see cref="OffsetSpec"/>); each query with its own error.</summary>
    Task<IReadOnlyList<ListOffsetsResult>> ListOffsetsAsync(
        IEnumerable<ListOffsetsQuery> queries, IsolationLevel isolation = IsolationLevel.ReadUncommitted, CancellationToken cancellationToken = default);

    /// <summary>Deletes what lies before an offset (-1: before the high watermark); each partition with its own error.</summary>
    Task<IReadOnlyList<DeleteRecordsResult>> DeleteRecordsAsync(
        IEnumerable<DeleteRecordsQuery> queries, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives up the records of a partition that nobody can lead any more, so that it takes new ones: the way out when the
    /// directory of its only replica is gone for good.
    /// </summary>
    /// <remarks>
    /// A live replica leads with what it has. One whose directory is gone gets another directory of its broker and begins there
    /// empty, at offset 0. What it does not have is lost for good, also when the old directory comes back later beside the new
    /// one: its copy is then set aside and not served. Whoever can bring the directory back does that instead, and loses nothing.
    /// The election is recorded as unclean.
    /// </remarks>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Ends the wait; the loss may be accepted all the same.</param>
    /// <exception cref="UnknownTopicException">There is no such topic, or it has no such partition.</exception>
    /// <exception cref="LogException">
    /// <see cref="ErrorCode.ElectionNotNeeded"/>: the partition has a leader, nothing was changed.
    /// <see cref="ErrorCode.EligibleLeadersNotAvailable"/>: none of its brokers is alive with a working directory, nothing was changed.
    /// <see cref="ErrorCode.NotController"/>: the controller moved; try again.
    /// </exception>
    Task AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>Consumer groups, by id; those without members too, while they have offsets.</summary>
    /// <param name="states">Only groups in one of these states, by Kafka's names in any case; null or empty for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogException">A broker did not answer, so that the list would not be complete.</exception>
    Task<IReadOnlyList<GroupListing>> ListGroupsAsync(IEnumerable<string>? states = null, CancellationToken cancellationToken = default);

    /// <summary>A group's members, and how far it is with each partition that it reads or has an offset of.</summary>
    /// <exception cref="LogException"><see cref="ErrorCode.GroupIdNotFound"/>: there is no such group.</exception>
    Task<GroupProgress> DescribeGroupAsync(string group, CancellationToken cancellationToken = default);

    /// <summary>Several groups, in the order asked.</summary>
    /// <exception cref="LogException"><see cref="ErrorCode.GroupIdNotFound"/>: one of them does not exist.</exception>
    Task<IReadOnlyList<GroupProgress>> DescribeGroupsAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default);

    /// <summary>A group's committed offsets: of these partitions, in their order, or of all that it has; offset -1 where nothing is committed.</summary>
    Task<IReadOnlyList<CommittedOffset>> ListGroupOffsetsAsync(
        string group, IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes groups without members, with their offsets; each with its own error.</summary>
    Task<IReadOnlyList<DeleteGroupResult>> DeleteGroupsAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default);

    /// <summary>Deletes a group's offsets of partitions of topics that no member reads.</summary>
    /// <exception cref="LogException">
    /// <see cref="ErrorCode.GroupIdNotFound"/>, or <see cref="ErrorCode.GroupSubscribedToTopic"/>: a member reads the topic.
    /// </exception>
    Task DeleteGroupOffsetsAsync(string group, IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>Sets offsets of a group without members; makes the group where there is none.</summary>
    /// <exception cref="LogException"><see cref="ErrorCode.NonEmptyGroup"/>: it has members; stop them first.</exception>
    Task AlterGroupOffsetsAsync(string group, IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default);

    /// <summary>Moves offsets of a group without members, always to what the partition has; tells each step.</summary>
    /// <param name="group">The group.</param>
    /// <param name="partitions">What to move.</param>
    /// <param name="reset">Where to.</param>
    /// <param name="dryRun">True, the default: only tells what would happen.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogException"><see cref="ErrorCode.NonEmptyGroup"/>: it has members; stop them first.</exception>
    Task<IReadOnlyList<OffsetResetStep>> ResetGroupOffsetsAsync(
        string group, IEnumerable<TopicPartition> partitions, OffsetReset reset, bool dryRun = true, CancellationToken cancellationToken = default);

    /// <summary>The log directories of a broker, with the replicas in them.</summary>
    /// <exception cref="LogException">There is no such broker, or it does not answer.</exception>
    Task<IReadOnlyList<LogDirDescription>> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken = default);
}

/// <summary>A cluster.</summary>
/// <param name="ClusterId">Its id: 22 characters, as Kafka writes uuids.</param>
/// <param name="ControllerId">Broker that hosts the active controller, or -1.</param>
/// <param name="Brokers">Registered brokers, by id; without the fenced ones, unless they were asked for.</param>
/// <param name="MetadataVersion">Metadata version that the answering broker has applied.</param>
public sealed record ClusterDescription(string ClusterId, int ControllerId, IReadOnlyList<BrokerDescription> Brokers, long MetadataVersion);

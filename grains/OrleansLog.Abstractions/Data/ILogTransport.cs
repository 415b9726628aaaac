namespace OrleansLog;

/// <summary>
/// How the SDK reaches the brokers' data (D13). Three forms: direct (in the broker's process), over Orleans (a trusted
/// network), and over a Kafka socket. All errors are values; only cancellation and misuse throw.
/// </summary>
/// <remarks>
/// A transport routes: it sends a request to the partition's leader as its metadata names it. It never retries; the SDK does.
/// A lost answer is <see cref="ProduceOutcome.Unknown"/>.
/// </remarks>
public interface ILogTransport
{
    /// <summary>Metadata of the named topics, or of all when null; never older than <paramref name="minVersion"/>.</summary>
    ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a batch. The batch's memory is the broker's until the task completes, also when the caller cancels; so
    /// cancelling is honoured only before the batch is handed over.
    /// </summary>
    ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken);

    /// <summary>Reads partitions that may have different leaders. Dispose the result.</summary>
    ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken);

    /// <summary>Looks offsets up, one result for each query in its order.</summary>
    ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken);

    /// <summary>Moves log start offsets, one result for each query in its order.</summary>
    ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken);
}

/// <summary>How the SDK reaches the cluster's administration; the same forms as <see cref="ILogTransport"/>.</summary>
public interface IAdminTransport
{
    /// <summary>
    /// The cluster without topics, its fenced brokers included (KIP-1073); never older than <paramref name="minVersion"/>. A Kafka broker
    /// that cannot tell of fenced ones names the others.
    /// </summary>
    ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken);

    /// <summary>
    /// The named topics in the order asked, or all by name when null, with their eligible leader replicas (KIP-966); never older than
    /// <paramref name="minVersion"/>. A Kafka broker that cannot tell of these leaves them empty.
    /// </summary>
    ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken);

    /// <summary>Creates topics.</summary>
    ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken);

    /// <summary>Deletes topics.</summary>
    ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken);

    /// <summary>Raises numbers of partitions.</summary>
    ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken);

    /// <summary>Values in force, with their sources.</summary>
    ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken);

    /// <summary>Changes configurations.</summary>
    ValueTask<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken);

    /// <summary>Lets a partition without a leader be led again, giving up the records that are gone (D11); one result.</summary>
    ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for a producer id. Without a transactional id the answer is always a fresh one with epoch 0; a transactional id is
    /// refused with <see cref="Protocol.ErrorCode.TransactionalIdAuthorizationFailed"/>, which every client takes for final, as long as there
    /// are no transactions.
    /// </summary>
    ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken);

    /// <summary>Log directories of one broker.</summary>
    ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken);
}

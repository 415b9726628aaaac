using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// What only operators ask for: fenced brokers and eligible leader replicas. Kafka's Metadata has neither; where a broker lacks the requests that have
/// them, its metadata is the answer.
/// </summary>
internal sealed partial class KafkaTransport
{
    private const short DescribeClusterVersion = 2; // The first with fenced brokers (KIP-1073).
    private const short DescribeTopicPartitionsVersion = 0;

    public async ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken)
    {
        var metadata = await GetMetadataAsync([], minVersion, cancellationToken).ConfigureAwait(false);
        var response = await AskIfSpokenAsync<DescribeClusterRequestData, DescribeClusterResponseData>(
            new DescribeClusterRequestData { IncludeFencedBrokers = true }, DescribeClusterVersion, cancellationToken).ConfigureAwait(false);
        if (response is null)
            return metadata;
        LogException.ThrowIfError(response.ErrorCode, response.ErrorMessage);
        return metadata with
        {
            ControllerId = response.ControllerId,
            Brokers = [.. response.Brokers.Select(static broker => new BrokerDescription
            {
                Id = broker.BrokerId,
                Host = broker.Host,
                Port = broker.Port,
                Rack = broker.Rack,
                IsFenced = broker.IsFenced,
            })],
        };
    }

    public async ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        if (topics is { Length: 0 })
            return await GetMetadataAsync(topics, minVersion, cancellationToken).ConfigureAwait(false);
        var metadata = await GetMetadataAsync([], minVersion, cancellationToken).ConfigureAwait(false);
        return await ReadPagesAsync(topics, cancellationToken).ConfigureAwait(false) is { } found
            ? metadata with { Topics = InOrder(topics, found) }
            : await GetMetadataAsync(topics, minVersion, cancellationToken).ConfigureAwait(false);
    }

    // Null: the broker does not speak it.
    private async Task<TopicDescription[]?> ReadPagesAsync(string[]? topics, CancellationToken cancellationToken)
    {
        var request = new DescribeTopicPartitionsRequestData
        {
            Topics = [.. (topics ?? []).Select(static topic => new DescribeTopicPartitionsRequestData.TopicRequest { Name = topic })],
        };
        var found = new List<TopicDescription>();
        var partitions = new List<PartitionDescription>();
        while (true)
        {
            var page = await AskIfSpokenAsync<DescribeTopicPartitionsRequestData, DescribeTopicPartitionsResponseData>(
                request, DescribeTopicPartitionsVersion, cancellationToken).ConfigureAwait(false);
            if (page is null)
                return null;
            foreach (var topic in page.Topics)
            {
                // A page may end within a topic, and the next one goes on there.
                if (found.Count == 0 || found[^1].Name != topic.Name)
                {
                    EndTopic();
                    found.Add(Describe(topic));
                }

                partitions.AddRange(topic.Partitions.Select(Describe));
            }

            if (page.NextCursor is not { } next)
                break;
            if (request.Cursor is { } last && ComparePositions(next.TopicName, next.PartitionIndex, last.TopicName, last.PartitionIndex) <= 0)
                throw new LogException(ErrorCode.UnknownServerError, "The broker's pages of partitions do not come to an end.");
            request.Cursor = new DescribeTopicPartitionsRequestData.CursorPosition { TopicName = next.TopicName, PartitionIndex = next.PartitionIndex };
        }

        EndTopic();
        return [.. found];

        void EndTopic()
        {
            if (found.Count > 0)
                found[^1] = found[^1] with { Partitions = ByNumber([.. partitions]) };
            partitions.Clear();
        }
    }

    private static int ComparePositions(string topic, int partition, string otherTopic, int otherPartition) =>
        string.CompareOrdinal(topic, otherTopic) is var order and not 0 ? order : partition.CompareTo(otherPartition);

    private static TopicDescription Describe(DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic topic) => new()
    {
        Error = topic.ErrorCode,
        Name = topic.Name ?? "",
        TopicId = topic.TopicId.ToGuid(),
        IsInternal = topic.IsInternal,
    };

    private static PartitionDescription Describe(DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition partition) => new()
    {
        Error = partition.ErrorCode,
        Partition = partition.PartitionIndex,
        LeaderId = partition.LeaderId,
        LeaderEpoch = partition.LeaderEpoch,
        PartitionEpoch = -1,
        Replicas = [.. partition.ReplicaNodes],
        Isr = [.. partition.IsrNodes],
        EligibleLeaderReplicas = [.. partition.EligibleLeaderReplicas ?? []],
        OfflineReplicas = [.. partition.OfflineReplicas],
    };

    // Of the home broker, which has just answered: another one is not of another version, only further from this client's changes. It is asked where the home
    // broker has been lost since.
    private async Task<TResponse?> AskIfSpokenAsync<TRequest, TResponse>(TRequest request, short version, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        var answer = await AskInTurnAsync<TRequest, TResponse>(
            request, version, version, KafkaLaneKind.Short, waitMs: 0, static failed => !failed.Failure!.Code.IsRetriable(), cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            { Response: { } response } => response,
            { Failure.Code: ErrorCode.UnsupportedVersion } => null,
            _ => throw answer.Failure!.ToException(),
        };
    }
}

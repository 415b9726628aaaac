using OrleansLog.Core.Configuration;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>
/// Reads batches, waiting for them without a thread. Fetch sessions (KIP-227) are not kept: every answer says session 0, and a
/// client then names its partitions each time. A replica has no business at a public listener (D13).
/// </summary>
internal sealed class FetchHandler(DataPath data, TopicDirectory topics, BrokerConfig config) : ApiHandler<FetchRequestData, FetchResponseData>
{
    /// <summary>KIP-110: who asks in an older version may not know the codec.</summary>
    private const short FirstVersionWithZstd = 10;

    /// <summary>KIP-392: who asks in an older version expects an answer of the leader alone.</summary>
    private const short FirstVersionWithRack = 11;

    public override bool WaitsAsAsked => true;

    protected override ValueTask<FetchResponseData?> HandleAsync(FetchRequestData request, RequestContext context)
    {
        var refusal = Refusal(request);
        if (refusal != ErrorCode.None)
        {
            context.NoteError(refusal);
            return new(Fail(request, refusal));
        }

        var fetch = Translate(request, context);
        var fetching = data.FetchAsync(fetch, context.Aborted);
        return fetching.IsCompletedSuccessfully
            ? new(Answer(fetching.Result, fetch, request, context))
            : AnswerAsync(fetching, fetch, request, context);
    }

    protected override FetchResponseData Fail(FetchRequestData request, ErrorCode error)
    {
        // A session that is not known makes the client start over; everything else is told for each partition too, for versions below 7.
        var response = new FetchResponseData { ErrorCode = error };
        foreach (var topic in error == ErrorCode.FetchSessionIdNotFound ? [] : request.Topics)
        {
            response.Responses.Add(new()
            {
                Topic = topic.Topic,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => Empty(partition.Partition, error))],
            });
        }

        return response;
    }

    private static ErrorCode Refusal(FetchRequestData request) =>
        request.ReplicaId >= 0 || request.ReplicaState is { ReplicaId: >= 0 } ? ErrorCode.ClusterAuthorizationFailed
        : request is { SessionId: not 0, SessionEpoch: not -1 } ? ErrorCode.FetchSessionIdNotFound
        : ErrorCode.None;

    private FetchRequest Translate(FetchRequestData request, RequestContext context)
    {
        var count = 0;
        foreach (var topic in request.Topics)
            count += topic.Partitions.Count;

        var partitions = new FetchPartition[count];
        var next = 0;
        var waits = true;
        foreach (var topic in request.Topics)
        {
            // A partition of an unknown id is asked for under no name: it is answered as unknown, and nothing is waited for.
            var name = context.ApiVersion >= 13 ? topics.NameOf(topic.TopicId) : topic.Topic;
            waits &= name is not null && !IsUnreadable(name, context);
            foreach (var partition in topic.Partitions)
            {
                partitions[next++] = new FetchPartition
                {
                    Partition = new TopicPartition(name ?? "", partition.Partition),
                    FetchOffset = partition.FetchOffset,
                    MaxBytes = partition.PartitionMaxBytes,
                    CurrentLeaderEpoch = partition.CurrentLeaderEpoch,
                    LastFetchedEpoch = partition.LastFetchedEpoch < 0 ? null : partition.LastFetchedEpoch,
                };
            }
        }

        return new FetchRequest
        {
            Partitions = partitions,
            MaxWaitMs = waits ? Math.Max(0, request.MaxWaitMs) : 0,
            MinBytes = request.MinBytes,
            MaxBytes = request.MaxBytes,
            Isolation = request.IsolationLevel == 1 ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted,
            AllowsFollower = context.ApiVersion >= FirstVersionWithRack && !config.IsGateway,
            Rack = request.RackId.Length > 0 && !config.IsGateway ? request.RackId : null,
        };
    }

    /// <summary>As Kafka does, by the topic's codec: what producers compressed themselves is given to every version, and kafka-python reads it in version 4.</summary>
    private bool IsUnreadable(string topic, RequestContext context) => context.ApiVersion < FirstVersionWithZstd && topics.IsStoredAsZstd(topic);

    private async ValueTask<FetchResponseData?> AnswerAsync(
        ValueTask<FetchResult> fetching, FetchRequest fetch, FetchRequestData request, RequestContext context) =>
        Answer(await fetching.ConfigureAwait(false), fetch, request, context);

    private FetchResponseData Answer(FetchResult result, FetchRequest fetch, FetchRequestData request, RequestContext context)
    {
        context.DisposeWhenSent(result);
        var response = new FetchResponseData();
        var next = 0;
        foreach (var topic in request.Topics)
        {
            var answers = new FetchResponseData.FetchableTopicResponse { Topic = topic.Topic, TopicId = topic.TopicId };
            foreach (var _ in topic.Partitions)
            {
                answers.Partitions.Add(Answer(result.Partitions[next], fetch.Partitions[next], fetch.Isolation, response, context));
                next++;
            }

            response.Responses.Add(answers);
        }

        return response;
    }

    private FetchResponseData.PartitionData Answer(
        in FetchPartitionResult result, in FetchPartition wanted, IsolationLevel isolation, FetchResponseData response, RequestContext context)
    {
        var error = wanted.Partition.Topic.Length == 0 && context.ApiVersion >= 13 ? ErrorCode.UnknownTopicId
            : result.Error == ErrorCode.None && IsUnreadable(wanted.Partition.Topic, context) ? ErrorCode.UnsupportedCompressionType
            : result.Error;
        if (error == ErrorCode.None)
        {
            return new()
            {
                PartitionIndex = wanted.Partition.Partition,
                HighWatermark = result.HighWatermark,
                LastStableOffset = result.LastStableOffset,
                LogStartOffset = result.LogStartOffset,
                DivergingEpoch = result.Diverging is { } diverging ? new() { Epoch = diverging.Epoch, EndOffset = diverging.EndOffset } : null,
                PreferredReadReplica = result.PreferredReadReplica ?? -1,
                AbortedTransactions = isolation == IsolationLevel.ReadCommitted ? [] : null,
                Records = result.Records,
            };
        }

        context.NoteError(error);
        var answer = Empty(wanted.Partition.Partition, error);
        if (error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch && context.ApiVersion >= 12
            && topics.LeaderOf(wanted.Partition, context) is { } leader)
        {
            answer.CurrentLeader = new() { LeaderId = leader.Id, LeaderEpoch = leader.Epoch };
            if (!response.NodeEndpoints.Exists(node => node.NodeId == leader.Id))
                response.NodeEndpoints.Add(new() { NodeId = leader.Id, Host = leader.Host, Port = leader.Port, Rack = leader.Rack });
        }

        return answer;
    }

    /// <summary>Empty records, not null: older clients take null for a broken answer.</summary>
    private static FetchResponseData.PartitionData Empty(int partition, ErrorCode error) => new()
    {
        PartitionIndex = partition,
        ErrorCode = error,
        HighWatermark = -1,
        Records = ReadOnlyMemory<byte>.Empty,
    };
}

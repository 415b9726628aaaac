using OrleansLog.Grains;
using OrleansLog.Grains.Replication;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// A follower's fetches, on the replication listener only (D13). Kafka's messages, with readings of our own: the partitions stay for as long as the
/// connection, a first fetch (session epoch 0) begins anew; OFFSET_OUT_OF_RANGE tells the leader's log end in the diverging epoch's end; and an answer says
/// which question it answers, by the leader epoch (in the current leader) and the fetch offset (in the last stable offset, which followers do not need).
/// </summary>
internal sealed class ReplicaFetchHandler(BrokerHost broker) : ApiHandler<FetchRequestData, FetchResponseData>
{
    /// <summary>The first version with a replica's broker epoch, and so the oldest that a follower of ours speaks.</summary>
    public const short Version = 17;

    /// <summary>In the place of the last fetched epoch: the follower says that it has lost what it had from its offset on (D15). Kafka's sends none of it.</summary>
    public const int LostRecords = -2;

    public override short MinVersion => Version;

    public override string MetricName => "FetchFollower";

    public override bool WaitsAsAsked => true;

    protected override ValueTask<FetchResponseData?> HandleAsync(FetchRequestData request, RequestContext context)
    {
        if (context.Connection.Peer is not { IsProven: true } peer
            || request.ReplicaState is not { } replica || replica.ReplicaId != peer.BrokerId || replica.ReplicaEpoch != peer.BrokerEpoch)
        {
            context.CloseConnection();
            return new(Refuse(request, ErrorCode.ClusterAuthorizationFailed, context));
        }

        if (request.SessionEpoch == 0)
        {
            peer.Session?.Dispose();
            peer.Session = broker.Local.OpenReplicaSession(peer.BrokerId, peer.BrokerEpoch);
        }

        if (peer.Session is not { } session)
            return new(Refuse(request, ErrorCode.FetchSessionIdNotFound, context));

        Note(request, session);
        return AnswerAsync(session, request, context);
    }

    protected override FetchResponseData Fail(FetchRequestData request, ErrorCode error) => new() { ErrorCode = error };

    private static void Note(FetchRequestData request, ReplicaFetchSession session)
    {
        foreach (var topic in request.ForgottenTopicsData)
        {
            foreach (var partition in topic.Partitions)
                session.Forget(topic.TopicId.ToGuid(), partition);
        }

        foreach (var topic in request.Topics)
        {
            var topicId = topic.TopicId.ToGuid();
            foreach (var partition in topic.Partitions)
            {
                session.Move(new ReplicaPosition
                {
                    TopicId = topicId,
                    Partition = partition.Partition,
                    LeaderEpoch = partition.CurrentLeaderEpoch,
                    FetchOffset = partition.FetchOffset,
                    LastFetchedEpoch = Math.Max(-1, partition.LastFetchedEpoch),
                    HasLost = partition.LastFetchedEpoch == LostRecords,
                    LogStartOffset = partition.LogStartOffset,
                    MaxBytes = partition.PartitionMaxBytes,
                });
            }
        }
    }

    private static async ValueTask<FetchResponseData?> AnswerAsync(ReplicaFetchSession session, FetchRequestData request, RequestContext context)
    {
        var result = await session.FetchAsync(Math.Max(0, request.MaxWaitMs), Math.Max(0, request.MaxBytes), context.Aborted).ConfigureAwait(false);
        context.DisposeWhenSent(result);
        var response = new FetchResponseData { SessionId = 1 };
        FetchResponseData.FetchableTopicResponse? topic = null;
        foreach (var answer in result.Answers)
        {
            var topicId = Uuid.FromGuid(answer.TopicId);
            if (topic is null || topic.TopicId != topicId)
                response.Responses.Add(topic = new() { TopicId = topicId });

            topic.Partitions.Add(ToData(answer));
        }

        return response;
    }

    private static FetchResponseData.PartitionData ToData(in ReplicaAnswer answer)
    {
        var data = new FetchResponseData.PartitionData
        {
            PartitionIndex = answer.Partition,
            ErrorCode = answer.Error,
            HighWatermark = answer.HighWatermark,
            LogStartOffset = answer.LogStartOffset,
            LastStableOffset = answer.AskedOffset,
            CurrentLeader = new() { LeaderEpoch = answer.AskedLeaderEpoch },
            Records = answer.Records,
        };
        if (answer.Diverging is { } diverging)
            data.DivergingEpoch = new() { Epoch = diverging.Epoch, EndOffset = diverging.EndOffset };
        else if (answer.LogEndOffset >= 0)
            data.DivergingEpoch = new() { EndOffset = answer.LogEndOffset };

        return data;
    }
}

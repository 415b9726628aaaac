using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>Offsets by timestamp, and the earliest, the latest, and that of the largest timestamp.</summary>
internal sealed class ListOffsetsHandler(DataPath data) : ApiHandler<ListOffsetsRequestData, ListOffsetsResponseData>
{
    /// <summary>The earliest offset on a local disk; without tiered storage the earliest of all.</summary>
    private const long EarliestLocal = -4;

    /// <summary>The last offset in remote storage; without tiered storage there is none.</summary>
    private const long LatestTiered = -5;

    /// <summary>The first offset that remote storage does not have yet (KIP-1023); without tiered storage there is none.</summary>
    private const long EarliestPendingUpload = -6;

    protected override async ValueTask<ListOffsetsResponseData?> HandleAsync(ListOffsetsRequestData request, RequestContext context)
    {
        if (request.ReplicaId >= 0)
        {
            context.NoteError(ErrorCode.ClusterAuthorizationFailed);
            return Fail(request, ErrorCode.ClusterAuthorizationFailed);
        }

        var queries = new List<ListOffsetsQuery>();
        var seen = new HashSet<TopicPartition>();
        var repeated = new HashSet<TopicPartition>();
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var query = new ListOffsetsQuery(new TopicPartition(topic.Name, partition.PartitionIndex), Known(partition.Timestamp), partition.CurrentLeaderEpoch);
                queries.Add(query);
                if (!seen.Add(query.Partition))
                    repeated.Add(query.Partition);
            }
        }

        var isolation = request.IsolationLevel == 1 ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted;
        var results = await data.ListOffsetsAsync([.. queries], isolation, context.Aborted).ConfigureAwait(false);
        var next = 0;
        var response = new ListOffsetsResponseData();
        foreach (var topic in request.Topics)
        {
            var answers = new ListOffsetsResponseData.ListOffsetsTopicResponse { Name = topic.Name };
            foreach (var partition in topic.Partitions)
            {
                var result = repeated.Contains(queries[next].Partition) ? new ListOffsetsResult(ErrorCode.InvalidRequest, -1) : results[next];
                answers.Partitions.Add(Answer(partition, result, context));
                next++;
            }

            response.Topics.Add(answers);
        }

        return response;
    }

    protected override ListOffsetsResponseData Fail(ListOffsetsRequestData request, ErrorCode error) => new()
    {
        Topics = [.. request.Topics.Select(topic => new ListOffsetsResponseData.ListOffsetsTopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => new ListOffsetsResponseData.ListOffsetsPartitionResponse
            {
                PartitionIndex = partition.PartitionIndex, ErrorCode = error,
            })],
        })],
    };

    /// <summary>What stands for it in the log; the version of the request does not matter until the answer.</summary>
    private static long Known(long timestamp) => timestamp is EarliestLocal or LatestTiered or EarliestPendingUpload ? OffsetSpec.Earliest : timestamp;

    private static ListOffsetsResponseData.ListOffsetsPartitionResponse Answer(
        ListOffsetsRequestData.ListOffsetsPartition asked, in ListOffsetsResult result, RequestContext context)
    {
        var answer = new ListOffsetsResponseData.ListOffsetsPartitionResponse { PartitionIndex = asked.PartitionIndex, ErrorCode = Error(asked, result, context.ApiVersion) };
        context.NoteError(answer.ErrorCode);
        if (answer.ErrorCode != ErrorCode.None || asked.Timestamp is LatestTiered or EarliestPendingUpload)
            return answer;

        answer.Offset = result.Offset;
        answer.Timestamp = result.TimestampMs;
        answer.LeaderEpoch = result.LeaderEpoch;
        return answer;
    }

    private static ErrorCode Error(ListOffsetsRequestData.ListOffsetsPartition asked, in ListOffsetsResult result, short version)
    {
        var since = asked.Timestamp switch
        {
            >= OffsetSpec.Earliest => 0,
            OffsetSpec.MaxTimestamp => 7,
            EarliestLocal => 8,
            LatestTiered => 9,
            EarliestPendingUpload => 11,
            _ => int.MaxValue,
        };
        return version < since ? ErrorCode.UnsupportedVersion
            : result.Error == ErrorCode.OffsetNotAvailable && version < 5 ? ErrorCode.LeaderNotAvailable
            : result.Error;
    }
}

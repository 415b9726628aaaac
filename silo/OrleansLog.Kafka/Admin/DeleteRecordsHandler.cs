using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>
/// DeleteRecords: moves log starts of partitions that this broker leads. Elsewhere it is answered NOT_LEADER_OR_FOLLOWER, as Kafka
/// does; a gateway asks the leader itself (D9). Answered when all replicas that are alive have moved.
/// </summary>
internal sealed class DeleteRecordsHandler(BrokerHost broker, BrokerConfig config, ILogTransport cluster) : ApiHandler<DeleteRecordsRequestData, DeleteRecordsResponseData>
{
    protected override async ValueTask<DeleteRecordsResponseData?> HandleAsync(DeleteRecordsRequestData request, RequestContext context)
    {
        var response = Fail(request, ErrorCode.InvalidTopicException);
        var answers = new List<DeleteRecordsResponseData.DeleteRecordsPartitionResult>();
        var queries = new List<DeleteRecordsQuery>();
        for (var i = 0; i < request.Topics.Count; i++)
        {
            var topic = request.Topics[i];
            if (InternalTopics.Contains(topic.Name))
                continue;

            for (var j = 0; j < topic.Partitions.Count; j++)
            {
                queries.Add(new DeleteRecordsQuery(new TopicPartition(topic.Name, topic.Partitions[j].PartitionIndex), topic.Partitions[j].Offset, request.TimeoutMs));
                answers.Add(response.Topics[i].Partitions[j]);
            }
        }

        var results = await DeleteAsync([.. queries], context).ConfigureAwait(false);
        for (var i = 0; i < answers.Count; i++)
        {
            answers[i].ErrorCode = results[i].Error;
            answers[i].LowWatermark = results[i].LogStartOffset;
            context.NoteError(results[i].Error);
        }

        context.TellDone(
            "Records deleted", queries.Zip(results).Where(static one => one.Second.Error == ErrorCode.None).Select(static one => $"{one.First.Partition} (now from {one.Second.LogStartOffset})"));
        return response;
    }

    protected override DeleteRecordsResponseData Fail(DeleteRecordsRequestData request, ErrorCode error)
    {
        var response = new DeleteRecordsResponseData();
        foreach (var topic in request.Topics)
        {
            var result = new DeleteRecordsResponseData.DeleteRecordsTopicResult { Name = topic.Name };
            foreach (var partition in topic.Partitions)
            {
                result.Partitions.Add(new DeleteRecordsResponseData.DeleteRecordsPartitionResult
                {
                    PartitionIndex = partition.PartitionIndex,
                    LowWatermark = -1,
                    ErrorCode = error,
                });
            }

            response.Topics.Add(result);
        }

        return response;
    }

    private ValueTask<DeleteRecordsResult[]> DeleteAsync(DeleteRecordsQuery[] queries, RequestContext context) =>
        config.IsGateway ? cluster.DeleteRecordsAsync(queries, context.Aborted) : broker.Local.DeleteRecordsAsync(queries);
}

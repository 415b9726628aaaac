using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>Where a leader epoch ended, so that a consumer notices that what it read was truncated (KIP-320).</summary>
internal sealed class OffsetForLeaderEpochHandler(DataPath data)
    : ApiHandler<OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData>
{
    protected override ValueTask<OffsetForLeaderEpochResponseData?> HandleAsync(OffsetForLeaderEpochRequestData request, RequestContext context)
    {
        if (request.ReplicaId >= 0)
        {
            context.NoteError(ErrorCode.ClusterAuthorizationFailed);
            return new(Fail(request, ErrorCode.ClusterAuthorizationFailed));
        }

        var response = new OffsetForLeaderEpochResponseData();
        foreach (var topic in request.Topics)
        {
            var answers = new OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult { Topic = topic.Topic };
            foreach (var partition in topic.Partitions)
            {
                var end = data.OffsetForLeaderEpoch(new TopicPartition(topic.Topic, partition.Partition), partition.CurrentLeaderEpoch, partition.LeaderEpoch);
                context.NoteError(end.Error);
                answers.Partitions.Add(new() { Partition = partition.Partition, ErrorCode = end.Error, LeaderEpoch = end.LeaderEpoch, EndOffset = end.EndOffset });
            }

            response.Topics.Add(answers);
        }

        return new(response);
    }

    protected override OffsetForLeaderEpochResponseData Fail(OffsetForLeaderEpochRequestData request, ErrorCode error) => new()
    {
        Topics = [.. request.Topics.Select(topic => new OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult
        {
            Topic = topic.Topic,
            Partitions = [.. topic.Partitions.Select(partition => new OffsetForLeaderEpochResponseData.EpochEndOffset { Partition = partition.Partition, ErrorCode = error })],
        })],
    };
}

using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>OffsetCommit 2-10: topics by name, from version 10 on by id (KIP-848).</summary>
internal sealed class OffsetCommitHandler(GroupRoute groups) : ApiHandler<OffsetCommitRequestData, OffsetCommitResponseData>
{
    /// <summary>From here on the client knows GROUP_ID_NOT_FOUND.</summary>
    private const short FirstWithGroupIdNotFound = 9;

    private const short FirstWithTopicIds = 10;

    protected override async ValueTask<OffsetCommitResponseData?> HandleAsync(OffsetCommitRequestData request, RequestContext context)
    {
        var response = Fail(request, ErrorCode.None);
        var offsets = new List<OffsetToCommit>();
        var places = new List<OffsetCommitResponseData.OffsetCommitResponsePartition>();
        for (var i = 0; i < request.Topics.Count; i++)
        {
            var topic = request.Topics[i];
            var name = context.ApiVersion >= FirstWithTopicIds ? groups.Image.FindTopic(topic.TopicId.ToGuid())?.Name : topic.Name;
            for (var j = 0; j < topic.Partitions.Count; j++)
            {
                var place = response.Topics[i].Partitions[j];
                if (name is null)
                {
                    place.ErrorCode = ErrorCode.UnknownTopicId;
                    continue;
                }

                var partition = topic.Partitions[j];
                places.Add(place);
                offsets.Add(new OffsetToCommit
                {
                    Partition = new TopicPartition(name, partition.PartitionIndex),
                    TopicId = topic.TopicId.ToGuid(),
                    Offset = partition.CommittedOffset,
                    LeaderEpoch = partition.CommittedLeaderEpoch,
                    Metadata = partition.CommittedMetadata,
                });
            }
        }

        if (offsets.Count > 0)
            await CommitAsync(request, offsets, places, context).ConfigureAwait(false);

        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                context.NoteError(partition.ErrorCode);
        }

        return response;
    }

    protected override OffsetCommitResponseData Fail(OffsetCommitRequestData request, ErrorCode error)
    {
        var response = new OffsetCommitResponseData();
        foreach (var topic in request.Topics)
        {
            var answered = new OffsetCommitResponseData.OffsetCommitResponseTopic { Name = topic.Name, TopicId = topic.TopicId };
            foreach (var partition in topic.Partitions)
                answered.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = error });

            response.Topics.Add(answered);
        }

        return response;
    }

    private async Task CommitAsync(
        OffsetCommitRequestData request, List<OffsetToCommit> offsets, List<OffsetCommitResponseData.OffsetCommitResponsePartition> places, RequestContext context)
    {
        var result = await groups.CommitAsync(
            new CommitOffsetsCall
            {
                GroupId = request.GroupId,
                GenerationId = request.GenerationIdOrMemberEpoch,
                MemberId = request.MemberId,
                GroupInstanceId = request.GroupInstanceId,
                RetentionTimeMs = request.RetentionTimeMs,
                KnowsGroupIdNotFound = context.ApiVersion >= FirstWithGroupIdNotFound,
                Offsets = [.. offsets],
            },
            context.Aborted).ConfigureAwait(false);
        for (var i = 0; i < places.Count; i++)
            places[i].ErrorCode = result.Errors[i];
    }
}

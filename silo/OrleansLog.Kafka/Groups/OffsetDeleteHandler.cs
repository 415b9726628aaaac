using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>OffsetDelete 0 (KIP-496): offsets of partitions that no member reads.</summary>
internal sealed class OffsetDeleteHandler(GroupRoute groups) : ApiHandler<OffsetDeleteRequestData, OffsetDeleteResponseData>
{
    protected override async ValueTask<OffsetDeleteResponseData?> HandleAsync(OffsetDeleteRequestData request, RequestContext context)
    {
        var response = new OffsetDeleteResponseData();
        var partitions = new List<TopicPartition>();
        var places = new List<OffsetDeleteResponseData.OffsetDeleteResponsePartition>();
        foreach (var topic in request.Topics)
        {
            var answered = new OffsetDeleteResponseData.OffsetDeleteResponseTopic { Name = topic.Name };
            response.Topics.Add(answered);
            foreach (var partition in topic.Partitions)
            {
                var place = new OffsetDeleteResponseData.OffsetDeleteResponsePartition { PartitionIndex = partition.PartitionIndex };
                answered.Partitions.Add(place);
                if (groups.Image.FindTopic(topic.Name)?.Find(partition.PartitionIndex) is null)
                {
                    place.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                places.Add(place);
                partitions.Add(new TopicPartition(topic.Name, partition.PartitionIndex));
            }
        }

        var result = await groups.DeleteOffsetsAsync(request.GroupId, [.. partitions], context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        if (result.Error != ErrorCode.None)
            return Fail(request, result.Error);

        for (var i = 0; i < places.Count; i++)
        {
            places[i].ErrorCode = result.Errors[i];
            context.NoteError(result.Errors[i]);
        }

        return response;
    }

    protected override OffsetDeleteResponseData Fail(OffsetDeleteRequestData request, ErrorCode error) => new() { ErrorCode = error };
}

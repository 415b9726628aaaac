using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <content>Versions 1 to 7: one group.</content>
internal sealed partial class OffsetFetchHandler
{
    private async ValueTask<OffsetFetchResponseData> FetchOneAsync(OffsetFetchRequestData request, RequestContext context)
    {
        var call = new FetchOffsetsCall
        {
            GroupId = request.GroupId,
            Partitions = request.Topics is null
                ? null
                : [.. request.Topics.SelectMany(static topic => topic.PartitionIndexes.Select(index => new TopicPartition(topic.Name, index)))],
            RequireStable = request.RequireStable,
        };
        var result = await groups.FetchOffsetsAsync(call, context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        if (result.Error != ErrorCode.None)
            return context.ApiVersion < FirstWithGroupError ? FailOne(request, result.Error) : new() { ErrorCode = result.Error };

        var response = new OffsetFetchResponseData();
        if (request.Topics is { } topics)
        {
            var next = 0;
            foreach (var topic in topics)
            {
                var answered = new OffsetFetchResponseData.OffsetFetchResponseTopic { Name = topic.Name };
                for (var i = 0; i < topic.PartitionIndexes.Count; i++)
                    answered.Partitions.Add(TellOne(result.Offsets[next++]));

                response.Topics.Add(answered);
            }

            return response;
        }

        OffsetFetchResponseData.OffsetFetchResponseTopic? current = null;
        foreach (var offset in result.Offsets)
        {
            if (current?.Name != offset.Partition.Topic)
                response.Topics.Add(current = new() { Name = offset.Partition.Topic });

            current.Partitions.Add(TellOne(offset));
        }

        return response;
    }

    /// <summary>Version 1 has no place for an error but the partitions.</summary>
    private static OffsetFetchResponseData FailOne(OffsetFetchRequestData request, ErrorCode error)
    {
        var response = new OffsetFetchResponseData();
        foreach (var topic in request.Topics ?? [])
        {
            var answered = new OffsetFetchResponseData.OffsetFetchResponseTopic { Name = topic.Name };
            foreach (var index in topic.PartitionIndexes)
                answered.Partitions.Add(new() { PartitionIndex = index, CommittedOffset = -1, ErrorCode = error });

            response.Topics.Add(answered);
        }

        return response;
    }

    private static OffsetFetchResponseData.OffsetFetchResponsePartition TellOne(in CommittedOffset offset) => new()
    {
        PartitionIndex = offset.Partition.Partition,
        CommittedOffset = offset.Offset,
        CommittedLeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
        ErrorCode = offset.Error,
    };
}

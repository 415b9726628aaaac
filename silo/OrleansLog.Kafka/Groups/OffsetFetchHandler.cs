using OrleansLog.Core.Controller;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>OffsetFetch 1-10: of one group by name, from version 8 on of several, from version 10 on by topic id.</summary>
internal sealed partial class OffsetFetchHandler(GroupRoute groups) : ApiHandler<OffsetFetchRequestData, OffsetFetchResponseData>
{
    private const short FirstWithGroupError = 2;
    private const short FirstWithSeveralGroups = 8;
    private const short FirstWithTopicIds = 10;

    protected override async ValueTask<OffsetFetchResponseData?> HandleAsync(OffsetFetchRequestData request, RequestContext context)
    {
        if (context.ApiVersion < FirstWithSeveralGroups)
            return await FetchOneAsync(request, context).ConfigureAwait(false);

        var answers = await Task.WhenAll(request.Groups.Select(group => FetchAsync(group, request.RequireStable, context).AsTask())).ConfigureAwait(false);
        var response = new OffsetFetchResponseData();
        foreach (var answer in answers)
        {
            context.NoteError(answer.ErrorCode);
            response.Groups.Add(answer);
        }

        return response;
    }

    protected override OffsetFetchResponseData Fail(OffsetFetchRequestData request, ErrorCode error)
    {
        var response = FailOne(request, error);
        response.ErrorCode = error;
        foreach (var group in request.Groups)
            response.Groups.Add(new() { GroupId = group.GroupId, ErrorCode = error });

        return response;
    }

    private async ValueTask<OffsetFetchResponseData.OffsetFetchResponseGroup> FetchAsync(
        OffsetFetchRequestData.OffsetFetchRequestGroup group, bool requireStable, RequestContext context)
    {
        // One image for the question and the answer: what a topic id means may change in between.
        var image = groups.Image;
        var byId = context.ApiVersion >= FirstWithTopicIds;
        var call = new FetchOffsetsCall { GroupId = group.GroupId, Partitions = PartitionsOf(group, image, byId), RequireStable = requireStable };
        var result = await groups.FetchOffsetsAsync(call, context.Aborted).ConfigureAwait(false);
        var answer = new OffsetFetchResponseData.OffsetFetchResponseGroup { GroupId = group.GroupId, ErrorCode = result.Error };
        if (result.Error != ErrorCode.None)
            return answer;

        if (group.Topics is null)
            TellAll(answer, result.Offsets, image, byId);
        else
            TellAsked(answer, group.Topics, result.Offsets, image, byId);

        return answer;
    }

    /// <summary>The partitions asked for, without those of topic ids that nobody knows; null for all.</summary>
    private static TopicPartition[]? PartitionsOf(OffsetFetchRequestData.OffsetFetchRequestGroup group, MetadataImage image, bool byId)
    {
        if (group.Topics is null)
            return null;

        var partitions = new List<TopicPartition>();
        foreach (var topic in group.Topics)
        {
            if (NameOf(topic, image, byId) is { } name)
                partitions.AddRange(topic.PartitionIndexes.Select(index => new TopicPartition(name, index)));
        }

        return [.. partitions];
    }

    private static string? NameOf(OffsetFetchRequestData.OffsetFetchRequestTopics topic, MetadataImage image, bool byId) =>
        byId ? image.FindTopic(topic.TopicId.ToGuid())?.Name : topic.Name;

    private static void TellAsked(
        OffsetFetchResponseData.OffsetFetchResponseGroup answer, List<OffsetFetchRequestData.OffsetFetchRequestTopics> topics, CommittedOffset[] offsets,
        MetadataImage image, bool byId)
    {
        var next = 0;
        foreach (var topic in topics)
        {
            var answered = new OffsetFetchResponseData.OffsetFetchResponseTopics { Name = topic.Name, TopicId = topic.TopicId };
            var isKnown = NameOf(topic, image, byId) is not null;
            foreach (var index in topic.PartitionIndexes)
            {
                answered.Partitions.Add(isKnown
                    ? Tell(offsets[next++])
                    : new() { PartitionIndex = index, CommittedOffset = -1, ErrorCode = ErrorCode.UnknownTopicId });
            }

            answer.Topics.Add(answered);
        }
    }

    /// <summary>By topic, as the offsets are sorted; where ids are asked for, without topics that are gone.</summary>
    private static void TellAll(
        OffsetFetchResponseData.OffsetFetchResponseGroup answer, CommittedOffset[] offsets, MetadataImage image, bool byId)
    {
        OffsetFetchResponseData.OffsetFetchResponseTopics? topic = null;
        foreach (var offset in offsets)
        {
            var name = offset.Partition.Topic;
            var id = image.FindTopic(name)?.Id;
            if (byId && id is null)
                continue;

            if (topic?.Name != name)
            {
                topic = new() { Name = name, TopicId = Protocol.Uuid.FromGuid(id ?? default) };
                answer.Topics.Add(topic);
            }

            topic.Partitions.Add(Tell(offset));
        }
    }

    private static OffsetFetchResponseData.OffsetFetchResponsePartitions Tell(in CommittedOffset offset) => new()
    {
        PartitionIndex = offset.Partition.Partition,
        CommittedOffset = offset.Offset,
        CommittedLeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
        ErrorCode = offset.Error,
    };
}

using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>
/// DescribeTopicPartitions (KIP-966): topics in the order of their names, a page at a time; the cursor of one answer begins the next.
/// </summary>
internal sealed class DescribeTopicPartitionsHandler(MetadataCache metadata, BrokerHost broker, BrokerConfig config)
    : ApiHandler<DescribeTopicPartitionsRequestData, DescribeTopicPartitionsResponseData>
{
    protected override ValueTask<DescribeTopicPartitionsResponseData?> HandleAsync(DescribeTopicPartitionsRequestData request, RequestContext context)
    {
        if (request.Cursor is { PartitionIndex: < 0 })
        {
            context.NoteError(ErrorCode.InvalidRequest);
            return new(Fail(request, ErrorCode.InvalidRequest));
        }

        var image = metadata.Current;
        var asksForAll = request.Topics.Count == 0;
        IEnumerable<string> names = asksForAll
            ? image.TopicIds.Keys
            : new SortedSet<string>(request.Topics.Select(topic => topic.Name), StringComparer.Ordinal);
        var response = new DescribeTopicPartitionsResponseData();
        var room = Math.Max(1, Math.Min(request.ResponsePartitionLimit, config.MaxRequestPartitionSizeLimit));
        foreach (var name in names.Where(name => request.Cursor is null || string.CompareOrdinal(name, request.Cursor.TopicName) >= 0))
        {
            var first = name == request.Cursor?.TopicName ? request.Cursor.PartitionIndex : 0;
            if (room == 0)
            {
                response.NextCursor = new DescribeTopicPartitionsResponseData.CursorPosition { TopicName = name, PartitionIndex = first };
                break;
            }

            var topic = Describe(image, name);
            context.NoteError(topic.ErrorCode);
            response.Topics.Add(topic);
            if (topic.ErrorCode == ErrorCode.None && !AddPartitions(topic, image, first, ref room, out var next))
            {
                response.NextCursor = new DescribeTopicPartitionsResponseData.CursorPosition { TopicName = name, PartitionIndex = next };
                break;
            }
        }

        return new(response);
    }

    protected override DescribeTopicPartitionsResponseData Fail(DescribeTopicPartitionsRequestData request, ErrorCode error)
    {
        var response = new DescribeTopicPartitionsResponseData();
        foreach (var topic in request.Topics)
            response.Topics.Add(new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic { Name = topic.Name, ErrorCode = error });

        return response;
    }

    private static DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic Describe(MetadataImage image, string name)
    {
        var topic = image.FindTopic(name);
        return new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic
        {
            Name = name,
            ErrorCode = topic is not null ? ErrorCode.None
                : TopicNames.IsValid(name, out _) ? ErrorCode.UnknownTopicOrPartition
                : ErrorCode.InvalidTopicException,
            TopicId = topic is null ? Uuid.Zero : Uuid.FromGuid(topic.Id),
            IsInternal = InternalTopics.Contains(name),
            TopicAuthorizedOperations = AuthorizedOperations.OnTopics,
        };
    }

    /// <summary>Adds partitions while there is room; false when some are left, from <paramref name="next"/> on.</summary>
    private bool AddPartitions(
        DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic topic, MetadataImage image, int first, ref int room, out int next)
    {
        var partitions = image.FindTopic(topic.Name!)!.Partitions;
        for (next = first; next < partitions.Length && room > 0; next++, room--)
            topic.Partitions.Add(Describe(broker.Tell(image, topic.Name!, partitions[next])));

        return next >= partitions.Length;
    }

    private static DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition Describe(ToldPartition partition) => new()
    {
        ErrorCode = partition.Error,
        PartitionIndex = partition.State.Partition,
        LeaderId = partition.LeaderId,
        LeaderEpoch = partition.State.LeaderEpoch,
        ReplicaNodes = [.. partition.State.Replicas],
        IsrNodes = [.. partition.State.Isr],
        EligibleLeaderReplicas = [.. partition.State.Elr],
        LastKnownElr = [.. partition.State.LastKnownElr],
        OfflineReplicas = [.. partition.OfflineReplicas],
    };
}

using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const short OffsetCommitMin = 2;
    private const short OffsetCommitMax = 9; // The last version that names topics by name.
    private const short OffsetFetchMin = 2;
    private const short OffsetFetchRequireStable = 7; // KIP-447
    private const short OffsetFetchMax = 7; // One group; from 8 on there are several.

    public async ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken)
    {
        var request = new OffsetCommitRequestData
        {
            GroupId = call.GroupId,
            GenerationIdOrMemberEpoch = call.GenerationId,
            MemberId = call.MemberId,
            GroupInstanceId = call.GroupInstanceId,
            RetentionTimeMs = call.RetentionTimeMs,
        };
        foreach (var offset in call.Offsets)
        {
            if (request.Topics.Count == 0 || request.Topics[^1].Name != offset.Partition.Topic)
                request.Topics.Add(new OffsetCommitRequestData.OffsetCommitRequestTopic { Name = offset.Partition.Topic });
            request.Topics[^1].Partitions.Add(new OffsetCommitRequestData.OffsetCommitRequestPartition
            {
                PartitionIndex = offset.Partition.Partition,
                CommittedOffset = offset.Offset,
                CommittedLeaderEpoch = offset.LeaderEpoch,
                CommittedMetadata = offset.Metadata,
            });
        }

        var (response, error) = await AskCoordinatorAsync<OffsetCommitRequestData, OffsetCommitResponseData>(
            call.GroupId, request, OffsetCommitMin, OffsetCommitMax, KafkaLaneKind.Short, waitMs: 0, FirstError, cancellationToken).ConfigureAwait(false);
        if (response is null)
            return CommitOffsetsResult.Failure(error, call.Offsets.Length);
        var byPartition = new Dictionary<TopicPartition, ErrorCode>(call.Offsets.Length);
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                byPartition[new TopicPartition(topic.Name, partition.PartitionIndex)] = partition.ErrorCode;
        }

        return new CommitOffsetsResult(InOrder(call.Offsets, static offset => offset.Partition, byPartition, ErrorCode.UnknownServerError));
    }

    public async ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken)
    {
        var request = new OffsetFetchRequestData { GroupId = call.GroupId, RequireStable = call.RequireStable, Topics = call.Partitions is null ? null : [] };
        foreach (var (topic, partition) in call.Partitions ?? [])
        {
            if (request.Topics!.Count == 0 || request.Topics[^1].Name != topic)
                request.Topics.Add(new OffsetFetchRequestData.OffsetFetchRequestTopic { Name = topic });
            request.Topics[^1].PartitionIndexes.Add(partition);
        }

        var (response, error) = await AskCoordinatorAsync<OffsetFetchRequestData, OffsetFetchResponseData>(
            call.GroupId, request, call.RequireStable ? OffsetFetchRequireStable : OffsetFetchMin, OffsetFetchMax, KafkaLaneKind.Short, waitMs: 0,
            static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        if (response is null || response.ErrorCode != ErrorCode.None)
            return FetchOffsetsResult.Failure(response?.ErrorCode ?? error);
        var found = new Dictionary<TopicPartition, CommittedOffset>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var id = new TopicPartition(topic.Name, partition.PartitionIndex);
                found[id] = new CommittedOffset
                {
                    Partition = id,
                    Error = partition.ErrorCode,
                    Offset = partition.CommittedOffset,
                    LeaderEpoch = partition.CommittedLeaderEpoch,
                    Metadata = partition.Metadata,
                };
            }
        }

        CommittedOffset[] offsets = call.Partitions is null
            ? [.. found.Values.OrderBy(static offset => offset.Partition.Topic, StringComparer.Ordinal).ThenBy(static offset => offset.Partition.Partition)]
            : Array.ConvertAll(call.Partitions, partition => found.TryGetValue(partition, out var offset)
                ? offset
                : new CommittedOffset { Partition = partition, Error = ErrorCode.UnknownServerError, Offset = -1, LeaderEpoch = -1 });
        return new FetchOffsetsResult(ErrorCode.None, offsets);
    }

    public async ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        var request = new OffsetDeleteRequestData { GroupId = groupId };
        foreach (var (topic, partition) in partitions)
        {
            if (request.Topics.Count == 0 || request.Topics[^1].Name != topic)
                request.Topics.Add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic { Name = topic });
            request.Topics[^1].Partitions.Add(new OffsetDeleteRequestData.OffsetDeleteRequestPartition { PartitionIndex = partition });
        }

        var (response, error) = await AskCoordinatorAsync<OffsetDeleteRequestData, OffsetDeleteResponseData>(
            groupId, request, 0, 0, KafkaLaneKind.Short, waitMs: 0, static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        if (response is null || response.ErrorCode != ErrorCode.None)
            return new DeleteOffsetsResult(response?.ErrorCode ?? error, []);
        var byPartition = new Dictionary<TopicPartition, ErrorCode>(partitions.Length);
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                byPartition[new TopicPartition(topic.Name, partition.PartitionIndex)] = partition.ErrorCode;
        }

        return new DeleteOffsetsResult(ErrorCode.None, InOrder(partitions, static partition => partition, byPartition, ErrorCode.UnknownServerError));
    }

    // What concerns the group as a whole stands at every partition.
    private static ErrorCode FirstError(OffsetCommitResponseData response) =>
        response.Topics is [{ Partitions: [var first, ..] }, ..] ? first.ErrorCode : ErrorCode.None;
}

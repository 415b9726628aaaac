using OrleansLog.Grains.Reading;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class LocalBroker
{
    /// <summary>Looks offsets up, one result for each query in its order; by a timestamp, which needs indexes and batches, where one may wait for the disk.</summary>
    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation)
    {
        ArgumentNullException.ThrowIfNull(queries);
        return MayNotWait && Array.Exists(queries, static query => query.TimestampMs is >= 0 or OffsetSpec.MaxTimestamp)
            ? new DiskRead<ListOffsetsResult[]>(() => ListOffsets(queries)).RunAsync(Readers)
            : new(ListOffsets(queries));
    }

    private ListOffsetsResult[] ListOffsets(ListOffsetsQuery[] queries)
    {
        var results = new ListOffsetsResult[queries.Length];
        for (var i = 0; i < queries.Length; i++)
        {
            results[i] = Find(queries[i].Partition, out var refusal) is { } partition
                ? partition.ListOffset(queries[i])
                : new ListOffsetsResult(refusal, -1);
        }

        return results;
    }

    /// <summary>Where a leader epoch ended: the largest epoch that is not above it, and its end offset (KIP-320).</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="currentLeaderEpoch">The leader epoch that the caller knows, or -1.</param>
    /// <param name="leaderEpoch">The epoch asked for.</param>
    public LeaderEpochEnd OffsetForLeaderEpoch(TopicPartition partition, int currentLeaderEpoch, int leaderEpoch) =>
        Find(partition, out var refusal) is { } found
            ? found.OffsetForLeaderEpoch(currentLeaderEpoch, leaderEpoch)
            : new LeaderEpochEnd(refusal, -1, -1);

    /// <summary>
    /// Moves log start offsets, one result for each query in its order; each once all replicas that are alive have moved, or with
    /// <see cref="ErrorCode.RequestTimedOut"/> after <see cref="DeleteRecordsQuery.TimeoutMs"/>, at most 10 s.
    /// </summary>
    public async ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries)
    {
        ArgumentNullException.ThrowIfNull(queries);
        return await Task.WhenAll(queries.Select(DeleteRecordsAsync)).ConfigureAwait(false);
    }

    private Task<DeleteRecordsResult> DeleteRecordsAsync(DeleteRecordsQuery query)
    {
        var refusal = ErrorCode.InvalidTopicException;
        return !InternalTopics.Contains(query.Partition.Topic) && Find(query.Partition, out refusal) is { } partition
            ? partition.DeleteRecordsAsync(query.BeforeOffset, Math.Clamp(query.TimeoutMs, 0, DeleteRecordsQuery.TimeoutMaxMs))
            : Task.FromResult(new DeleteRecordsResult(refusal, -1));
    }

    /// <summary>Describes the log directories, those that failed included.</summary>
    public ValueTask<LogDirDescription[]> DescribeLogDirsAsync() => new(_directories.Describe());
}

using OrleansLog.Core.Groups;
using OrleansLog.Grains.Coordinators;
using OrleansLog.Log;

namespace OrleansLog.Grains;

public sealed partial class LocalGroups
{
    /// <summary>Commits offsets; answered when their records are committed.</summary>
    public async ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var errors = new ErrorCode[call.Offsets.Length];
        var offers = new List<OffsetOffer>(errors.Length);
        for (var i = 0; i < errors.Length; i++)
        {
            errors[i] = CheckTopic(call.Offsets[i]);
            if (errors[i] == ErrorCode.None)
                offers.Add(GroupMapping.ToCore(call.Offsets[i]));
        }

        if (offers.Count == 0)
            return new CommitOffsetsResult(errors);

        var commit = new CommitCall
        {
            MemberId = call.MemberId,
            GroupInstanceId = call.GroupInstanceId,
            GenerationId = call.GenerationId,
            RetentionTimeMs = call.RetentionTimeMs,
            KnowsGroupIdNotFound = call.KnowsGroupIdNotFound,
            Offsets = offers,
        };
        var reply = await CallAsync(
            call.GroupId, mayCreate: true, commit, static (group, c, ticket, time, decisions) => group.Commit(c, ticket, time, decisions),
            cancellationToken).ConfigureAwait(false);
        var answer = reply.Answer as CommitAnswer;
        var next = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            if (errors[i] == ErrorCode.None)
                errors[i] = answer?.Partitions[next++].Error ?? reply.Error;
        }

        _context.Metrics.Committed(offers.Count);
        return new CommitOffsetsResult(errors);
    }

    /// <summary>Tells committed offsets.</summary>
    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return AskAsync(
            call.GroupId, call, static (group, fetch, _, _) => new FetchOffsetsResult(ErrorCode.None, Read(group, fetch)),
            static (error, fetch) => error == ErrorCode.GroupIdNotFound ? new FetchOffsetsResult(ErrorCode.None, Nothing(fetch)) : FetchOffsetsResult.Failure(error),
            cancellationToken);
    }

    /// <summary>Forgets offsets of partitions that no member reads.</summary>
    public async ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentNullException.ThrowIfNull(partitions);
        if (groupId.Length == 0)
            return new DeleteOffsetsResult(ErrorCode.InvalidGroupId, []);

        var names = Array.ConvertAll(partitions, static partition => new TopicPartitionName(partition.Topic, partition.Partition));
        var reply = await CallAsync(
            groupId, mayCreate: false, new DeleteOffsetsCall { Partitions = names },
            static (group, call, ticket, _, decisions) => group.DeleteOffsets(call, ticket, decisions), cancellationToken).ConfigureAwait(false);
        return reply.Answer is DeleteOffsetsAnswer answer
            ? new DeleteOffsetsResult(answer.Error, [.. answer.Partitions.Select(static partition => partition.Error)])
            : new DeleteOffsetsResult(reply.Error, []);
    }

    private ErrorCode CheckTopic(in OffsetToCommit offset)
    {
        var topic = offset.Partition.Topic is null ? null : _context.Metadata.Current.FindTopic(offset.Partition.Topic);
        if (topic?.Find(offset.Partition.Partition) is null)
            return ErrorCode.UnknownTopicOrPartition;

        return offset.TopicId != default && offset.TopicId != topic.Id ? ErrorCode.UnknownTopicId : ErrorCode.None;
    }

    private static CommittedOffset[] Read(GroupState<GroupTicket> group, FetchOffsetsCall call)
    {
        if (call.Partitions is { } wanted)
        {
            return Array.ConvertAll(
                wanted, partition => Tell(group.FetchOffset(new TopicPartitionName(partition.Topic, partition.Partition), call.RequireStable)));
        }

        var all = new List<OffsetView>(group.OffsetCount);
        group.FetchAllOffsets(all, call.RequireStable);
        var offsets = all.ConvertAll(static offset => Tell(offset)).ToArray();
        Array.Sort(offsets, static (a, b) => string.CompareOrdinal(a.Partition.Topic, b.Partition.Topic) is not 0 and var order
            ? order
            : a.Partition.Partition.CompareTo(b.Partition.Partition));
        return offsets;
    }

    private static CommittedOffset[] Nothing(FetchOffsetsCall call) => call.Partitions is null
        ? []
        : Array.ConvertAll(call.Partitions, static partition => new CommittedOffset { Partition = partition, Offset = -1, LeaderEpoch = -1, Metadata = "" });

    private static CommittedOffset Tell(OffsetView offset) => new()
    {
        Partition = new TopicPartition(offset.Partition.Topic, offset.Partition.Partition),
        Error = offset.Error,
        Offset = offset.Offset,
        LeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
    };
}

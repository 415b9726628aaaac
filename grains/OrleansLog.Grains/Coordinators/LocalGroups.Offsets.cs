using OrleansLog.Core.Groups;
using OrleansLog.Grains.Coordinators;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class LocalGroups
{
    /// <summary>Commits offsets; answered when their records are committed.</summary>
    public async ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var errors = new ErrorCode[call.Offsets.Length];
        var offered = Check(call, errors).Count;
        if (offered == 0)
            return new CommitOffsetsResult(errors);

        var reply = await CallAsync(
            call.GroupId, mayCreate: true, (Groups: this, Call: call, Errors: errors),
            static (group, args, ticket, time, decisions) => group.Commit(args.Groups.CommitOf(args.Call, args.Errors), ticket, time, decisions),
            cancellationToken).ConfigureAwait(false);
        var answer = reply.Answer as CommitAnswer;
        var next = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            if (errors[i] == ErrorCode.None)
                errors[i] = answer?.Partitions[next++].Error ?? reply.Error;
        }

        _context.Metrics.Committed(offered);
        return new CommitOffsetsResult(errors);
    }

    /// <summary>Tells committed offsets.</summary>
    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return AskAsync(
            call.GroupId, (Groups: this, Fetch: call), static (group, args, _, _) => new FetchOffsetsResult(ErrorCode.None, args.Groups.Read(group, args.Fetch)),
            static (error, args) => error == ErrorCode.GroupIdNotFound ? new FetchOffsetsResult(ErrorCode.None, Nothing(args.Fetch)) : FetchOffsetsResult.Failure(error),
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

    /// <summary>
    /// Under the shard's lock, where the topics are looked up again: they may have gone since. What is decided before the shard hears of
    /// that is forgotten then, and what is decided after it is refused here.
    /// </summary>
    private CommitCall CommitOf(CommitOffsetsCall call, ErrorCode[] errors) => new()
    {
        MemberId = call.MemberId,
        GroupInstanceId = call.GroupInstanceId,
        GenerationId = call.GenerationId,
        RetentionTimeMs = call.RetentionTimeMs,
        KnowsGroupIdNotFound = call.KnowsGroupIdNotFound,
        Offsets = Check(call, errors),
    };

    /// <summary>The offsets of topics that exist, each with its topic's id; the errors of the others.</summary>
    private List<OffsetOffer> Check(CommitOffsetsCall call, ErrorCode[] errors)
    {
        var image = _context.Metadata.Current;
        var offers = new List<OffsetOffer>(errors.Length);
        for (var i = 0; i < errors.Length; i++)
        {
            ref readonly var offset = ref call.Offsets[i];
            var topic = offset.Partition.Topic is null ? null : image.FindTopic(offset.Partition.Topic);
            errors[i] = topic?.Find(offset.Partition.Partition) is null ? ErrorCode.UnknownTopicOrPartition
                : offset.TopicId != default && offset.TopicId != topic.Id ? ErrorCode.UnknownTopicId
                : ErrorCode.None;
            if (errors[i] == ErrorCode.None)
                offers.Add(GroupMapping.ToCore(offset, topic!.Id));
        }

        return offers;
    }

    private CommittedOffset[] Read(GroupState<GroupTicket> group, FetchOffsetsCall call)
    {
        if (call.Partitions is { } wanted)
        {
            return Array.ConvertAll(wanted, partition =>
            {
                var offset = group.FetchOffset(new TopicPartitionName(partition.Topic, partition.Partition), call.RequireStable);
                return IsOfOlderTopic(offset) ? Nothing(partition) : Tell(offset);
            });
        }

        var all = new List<OffsetView>(group.OffsetCount);
        group.FetchAllOffsets(all, call.RequireStable);
        all.RemoveAll(IsOfOlderTopic);
        var offsets = all.ConvertAll(static offset => Tell(offset)).ToArray();
        Array.Sort(offsets, static (a, b) => string.CompareOrdinal(a.Partition.Topic, b.Partition.Topic) is not 0 and var order
            ? order
            : a.Partition.Partition.CompareTo(b.Partition.Partition));
        return offsets;
    }

    /// <summary>Whether another topic has the name by now; the shard forgets the offset when its turn comes.</summary>
    private bool IsOfOlderTopic(OffsetView offset) => offset.TopicId != default
        && _context.Metadata.Current.FindTopic(offset.Partition.Topic) is { } topic && Uuid.FromGuid(topic.Id) != offset.TopicId;

    private static CommittedOffset Nothing(TopicPartition partition) => new() { Partition = partition, Offset = -1, LeaderEpoch = -1, Metadata = "" };

    private static CommittedOffset[] Nothing(FetchOffsetsCall call) => call.Partitions is null
        ? []
        : Array.ConvertAll(call.Partitions, Nothing);

    private static CommittedOffset Tell(OffsetView offset) => new()
    {
        Partition = new TopicPartition(offset.Partition.Topic, offset.Partition.Partition),
        Error = offset.Error,
        Offset = offset.Offset,
        LeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
    };
}

using OrleansLog.Core.Groups;
using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>What clients were told, and what must follow from it.</summary>
internal sealed class GroupHistory
{
    private readonly Dictionary<(int Generation, TopicPartitionName Partition), string> _owners = [];
    private readonly Dictionary<TopicPartitionName, List<long>> _written = [];
    private readonly Dictionary<TopicPartitionName, long> _acknowledged = [];

    /// <summary>The highest generation that anybody has an assignment of.</summary>
    public int NewestTold { get; private set; }

    public int Assignments { get; private set; }
    public int Commits { get; private set; }

    public void Written(IReadOnlyList<GroupRecord> records)
    {
        foreach (var record in records)
        {
            Assert.True(GroupRecordKey.TryRead(record.Key, out var key));
            if (key.IsOffset && OffsetRecords.TryRead(record.Value, out var offset))
                WrittenTo(new(key.Topic!, key.Partition)).Add(offset.Offset);
        }
    }

    public void Answered(GroupRequest request, GroupAnswer answer)
    {
        request.Answered++;
        Assert.True(request.Answered == 1, "a request was answered twice");
        if (answer.Error != ErrorCode.None)
            return;

        if (answer is SyncAnswer sync)
            Told(request, sync);
        else if (answer is CommitAnswer commit)
            Acknowledged(request, commit);
    }

    /// <summary>No partition is given to two members of one generation. A static member is its instance, whatever its id.</summary>
    private void Told(GroupRequest request, SyncAnswer answer)
    {
        var call = request.Sync!;
        var member = call.GroupInstanceId ?? call.MemberId;
        NewestTold = Math.Max(NewestTold, call.GenerationId);
        Assignments++;
        foreach (var partition in ConsumerAssignment.TryRead(answer.Assignment.Span)!)
        {
            var owner = _owners.GetValueOrDefault((call.GenerationId, partition), member);
            Assert.True(owner == member, $"{partition} is given to {owner} and {member} in generation {call.GenerationId}");
            _owners[(call.GenerationId, partition)] = member;
        }
    }

    /// <summary>Commits of an old generation are refused; what is acknowledged is in the log.</summary>
    private void Acknowledged(GroupRequest request, CommitAnswer answer)
    {
        var call = request.Commit!;
        Assert.True(call.GenerationId >= request.NewestToldWhenTaken, $"a commit of generation {call.GenerationId} was taken in {request.NewestToldWhenTaken}");
        Commits++;
        foreach (var offset in call.Offsets)
        {
            var partition = new TopicPartitionName(offset.Topic, offset.Partition);
            var position = WrittenTo(partition).LastIndexOf(offset.Offset);
            _acknowledged[partition] = Math.Max(position, _acknowledged.GetValueOrDefault(partition, -1));
            Assert.True(position >= 0, $"offset {offset.Offset} of {partition} is acknowledged and not written");
        }

        Assert.All(answer.Partitions, p => Assert.Equal(ErrorCode.None, p.Error));
    }

    /// <summary>What a coordinator shows was written, and is not older than what was acknowledged.</summary>
    public void Check(GroupState<GroupRequest> state, IEnumerable<TopicPartitionName> partitions)
    {
        foreach (var partition in partitions)
        {
            var shown = state.FetchOffset(partition).Offset;
            var position = shown < 0 ? -1 : WrittenTo(partition).LastIndexOf(shown);
            Assert.True(shown < 0 || position >= 0, $"offset {shown} of {partition} is shown and was never written");
            Assert.True(
                position >= _acknowledged.GetValueOrDefault(partition, -1), $"a committed offset of {partition} is lost: {shown} is shown");
        }
    }

    private List<long> WrittenTo(TopicPartitionName partition)
    {
        if (!_written.TryGetValue(partition, out var offsets))
            _written[partition] = offsets = [];

        return offsets;
    }
}

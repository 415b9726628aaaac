using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Cli.Tests;

internal sealed partial class MemoryBroker : IGroupTransport
{
    private readonly SortedDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    /// <summary>A group with offsets, and a member that reads all partitions of a topic where one is named.</summary>
    public void AddGroup(string id, string? readsTopic, params (TopicPartition Partition, long Offset)[] offsets) =>
        _groups[id] = new Group(readsTopic, offsets.ToDictionary(offset => offset.Partition, offset => offset.Offset));

    public long Committed(string group, TopicPartition partition) => _groups[group].Offsets.GetValueOrDefault(partition, -1);

    // One member at a time, which is given everything: as much as a command needs.
    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var group = _groups.TryGetValue(call.GroupId, out var found) ? found : _groups[call.GroupId] = new Group(null, []);
            var topic = ConsumerTopics(call.Protocols[0].Metadata).Single();
            _groups[call.GroupId] = group with { Topic = topic };
            return new(new JoinGroupResult
            {
                GenerationId = 1,
                ProtocolType = call.ProtocolType,
                ProtocolName = call.Protocols[0].Name,
                Leader = "m",
                MemberId = "m",
            });
        }
    }

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(new SyncGroupResult { Assignment = Assignment(_groups[call.GroupId].Topic!) });
        }
    }

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken) => new(ErrorCode.None);

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _groups[call.GroupId] = _groups[call.GroupId] with { Topic = null };
            return new(new LeaveGroupResult(ErrorCode.None, [ErrorCode.None]));
        }
    }

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var group = _groups.TryGetValue(call.GroupId, out var found) ? found : _groups[call.GroupId] = new Group(null, []);
            if (call.GenerationId < 0 && group.Topic is not null)
            {
                return new(CommitOffsetsResult.Failure(ErrorCode.UnknownMemberId, call.Offsets.Length));
            }

            foreach (var offset in call.Offsets)
            {
                group.Offsets[offset.Partition] = offset.Offset;
            }

            return new(CommitOffsetsResult.Failure(ErrorCode.None, call.Offsets.Length));
        }
    }

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var offsets = _groups.TryGetValue(call.GroupId, out var group) ? group.Offsets : [];
            return new(new FetchOffsetsResult(ErrorCode.None, Array.ConvertAll(
                call.Partitions ?? [.. offsets.Keys.OrderBy(key => key.ToString(), StringComparer.Ordinal)],
                partition => new CommittedOffset { Partition = partition, Offset = offsets.GetValueOrDefault(partition, -1) })));
        }
    }

    public ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken) =>
        new(new ListGroupsResult(ErrorCode.None,
        [
            .. _groups.Select(pair => new GroupListing(pair.Key, "consumer", pair.Value.State, "classic"))
                .Where(group => states.Length == 0 || states.Contains(group.State)),
        ]));

    public ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        new(Array.ConvertAll(groups, id => !_groups.TryGetValue(id, out var group)
            ? new GroupDescription { GroupId = id, Error = ErrorCode.GroupIdNotFound, State = "Dead" }
            : new GroupDescription
            {
                GroupId = id,
                State = group.State,
                ProtocolType = "consumer",
                ProtocolName = group.Topic is null ? "" : "range",
                CoordinatorId = 1,
                Members = group.Topic is null ? [] :
                [
                    new GroupMemberDescription { MemberId = "app-1", ClientId = "app", ClientHost = "/10.0.0.9", Assignment = Assignment(group.Topic) },
                ],
            }));

    public ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        new(Array.ConvertAll(groups, id => new DeleteGroupResult(
            id, !_groups.TryGetValue(id, out var group) ? ErrorCode.GroupIdNotFound
                : group.Topic is not null ? ErrorCode.NonEmptyGroup
                : _groups.Remove(id) ? ErrorCode.None : ErrorCode.UnknownServerError)));

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken) =>
        new(new DeleteOffsetsResult(ErrorCode.None, Array.ConvertAll(partitions, partition =>
            partition.Topic == _groups[groupId].Topic ? ErrorCode.GroupSubscribedToTopic
                : _groups[groupId].Offsets.Remove(partition) ? ErrorCode.None : ErrorCode.UnknownServerError)));

    private static List<string> ConsumerTopics(ReadOnlyMemory<byte> metadata)
    {
        var reader = new MessageReader(metadata.ToArray());
        return ConsumerProtocolSubscription.Read(ref reader, reader.ReadInt16())!.Topics;
    }

    private ReadOnlyMemory<byte> Assignment(string topic)
    {
        var assignment = new ConsumerProtocolAssignment();
        assignment.AssignedPartitions.Add(new ConsumerProtocolAssignment.TopicPartition
        {
            Topic = topic,
            Partitions = [.. Enumerable.Range(0, _topics[topic].Count)],
        });
        using var buffer = new MessageBuffer();
        var writer = new MessageWriter(buffer);
        writer.WriteInt16(0);
        assignment.Write(ref writer, 0);
        return buffer.ToArray();
    }

    private sealed record Group(string? Topic, Dictionary<TopicPartition, long> Offsets)
    {
        public string State => Topic is null ? "Empty" : "Stable";
    }
}

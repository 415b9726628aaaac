using OrleansLog.Protocol;

namespace OrleansLog.Client.Tests;

internal sealed partial class FakeCoordinator
{
    public long Now() => _time.GetTimestamp();

    public string NextMemberId(string clientId) => $"{clientId}-{++_lastMember}";

    public ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(new ListGroupsResult(ErrorCode.None,
            [
                .. _groups.Select(static pair => new GroupListing(pair.Key, "consumer", StateOf(pair.Value), "classic"))
                    .Where(group => states.Length == 0 || states.Contains(group.State, StringComparer.OrdinalIgnoreCase)),
            ]));
        }
    }

    public ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Array.ConvertAll(groups, Describe));
    }

    public ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(Array.ConvertAll(groups, id => new DeleteGroupResult(
                id, !_groups.TryGetValue(id, out var group) ? ErrorCode.GroupIdNotFound
                    : group.Members.Count > 0 ? ErrorCode.NonEmptyGroup
                    : _groups.Remove(id) ? ErrorCode.None : ErrorCode.UnknownServerError)));
        }
    }

    public ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync(string groupId, TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out var group))
                return new(new DeleteOffsetsResult(ErrorCode.GroupIdNotFound, []));
            return new(new DeleteOffsetsResult(ErrorCode.None, Array.ConvertAll(partitions, partition =>
                group.Members.Count > 0 ? ErrorCode.GroupSubscribedToTopic : group.Offsets.Remove(partition) ? ErrorCode.None : ErrorCode.None)));
        }
    }

    private static string StateOf(FakeGroup group) => group.State switch
    {
        FakeState.Preparing => "PreparingRebalance",
        FakeState.Completing => "CompletingRebalance",
        _ => group.State.ToString(),
    };

    private GroupDescription Describe(string id) => !_groups.TryGetValue(id, out var group)
        ? new GroupDescription { GroupId = id, Error = ErrorCode.GroupIdNotFound, State = "Dead" }
        : new GroupDescription
        {
            GroupId = id,
            State = StateOf(group),
            ProtocolType = "consumer",
            ProtocolName = group.Protocol,
            GenerationId = group.Generation,
            CoordinatorId = 1,
            Members =
            [
                .. group.Members.Values.Select(static member => new GroupMemberDescription
                {
                    MemberId = member.Id, GroupInstanceId = member.InstanceId, ClientId = "orleanslog", ClientHost = "/127.0.0.1",
                    Assignment = member.Result().Assignment,
                }),
            ],
        };
}

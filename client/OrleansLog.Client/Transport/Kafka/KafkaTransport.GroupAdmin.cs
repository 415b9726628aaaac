using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const short ListGroupsStates = 4; // KIP-518
    private const short ListGroupsTypes = 5; // KIP-848
    private const short ListGroupsMax = 5;
    private const short DescribeGroupsMax = 6;
    private const short DeleteGroupsMax = 2;

    public async ValueTask<ListGroupsResult> ListGroupsAsync(string[] states, string[] types, CancellationToken cancellationToken)
    {
        var metadata = await GetMetadataAsync([], NoVersion, cancellationToken).ConfigureAwait(false);
        var minVersion = types.Length > 0 ? ListGroupsTypes : states.Length > 0 ? ListGroupsStates : (short)0;
        var parts = await Task.WhenAll(metadata.Brokers.Select(broker => AskAsync<ListGroupsRequestData, ListGroupsResponseData>(
            broker.Id, new ListGroupsRequestData { StatesFilter = [.. states], TypesFilter = [.. types] },
            minVersion, ListGroupsMax, KafkaLaneKind.Long, waitMs: 0, cancellationToken))).ConfigureAwait(false);
        var error = ErrorCode.None;
        var groups = new SortedDictionary<string, GroupListing>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var partError = part.Response?.ErrorCode ?? part.Failure!.Code;
            error = error == ErrorCode.None ? partError : error;
            foreach (var group in part.Response?.Groups ?? [])
                groups.TryAdd(group.GroupId, new GroupListing(group.GroupId, group.ProtocolType, group.GroupState, group.GroupType));
        }

        return new ListGroupsResult(error, [.. groups.Values]);
    }

    public async ValueTask<GroupDescription[]> DescribeGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        await Task.WhenAll(groups.Select(group => DescribeAsync(group, cancellationToken))).ConfigureAwait(false);

    public async ValueTask<DeleteGroupResult[]> DeleteGroupsAsync(string[] groups, CancellationToken cancellationToken) =>
        await Task.WhenAll(groups.Select(group => DeleteAsync(group, cancellationToken))).ConfigureAwait(false);

    private async Task<GroupDescription> DescribeAsync(string groupId, CancellationToken cancellationToken)
    {
        var (response, error) = await AskCoordinatorAsync<DescribeGroupsRequestData, DescribeGroupsResponseData>(
            groupId, new DescribeGroupsRequestData { Groups = [groupId] }, 0, DescribeGroupsMax, KafkaLaneKind.Short, waitMs: 0,
            static answer => answer.Groups is [var only] ? only.ErrorCode : ErrorCode.UnknownServerError, cancellationToken).ConfigureAwait(false);
        if (response?.Groups is not [var found])
            return new GroupDescription { GroupId = groupId, Error = response is null ? error : ErrorCode.UnknownServerError };
        return new GroupDescription
        {
            GroupId = groupId,
            // Below version 6 a group that does not exist is one that is dead.
            Error = found is { ErrorCode: ErrorCode.None, GroupState: "Dead" } ? ErrorCode.GroupIdNotFound : found.ErrorCode,
            Message = found.ErrorMessage,
            State = found.GroupState,
            ProtocolType = found.ProtocolType,
            ProtocolName = found.ProtocolData,
            CoordinatorId = _coordinators.GetValueOrDefault(groupId, NoBroker),
            Members = [.. found.Members.Select(static member => new GroupMemberDescription
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                Metadata = member.MemberMetadata,
                Assignment = member.MemberAssignment,
            })],
        };
    }

    private async Task<DeleteGroupResult> DeleteAsync(string groupId, CancellationToken cancellationToken)
    {
        var (response, error) = await AskCoordinatorAsync<DeleteGroupsRequestData, DeleteGroupsResponseData>(
            groupId, new DeleteGroupsRequestData { GroupsNames = [groupId] }, 0, DeleteGroupsMax, KafkaLaneKind.Short, waitMs: 0,
            static answer => answer.Results is [var only] ? only.ErrorCode : ErrorCode.UnknownServerError, cancellationToken).ConfigureAwait(false);
        return new DeleteGroupResult(groupId, response is null ? error : response.Results is [var found] ? found.ErrorCode : ErrorCode.UnknownServerError);
    }
}

using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>ListGroups 0-5: the groups of this broker, by state (KIP-518) and type (KIP-848).</summary>
internal sealed class ListGroupsHandler(GroupRoute groups) : ApiHandler<ListGroupsRequestData, ListGroupsResponseData>
{
    protected override async ValueTask<ListGroupsResponseData?> HandleAsync(ListGroupsRequestData request, RequestContext context)
    {
        var result = await groups.ListAsync([.. request.StatesFilter], [.. request.TypesFilter], context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        var response = new ListGroupsResponseData { ErrorCode = result.Error };
        foreach (var group in result.Groups)
        {
            response.Groups.Add(new()
            {
                GroupId = group.GroupId,
                ProtocolType = group.ProtocolType,
                GroupState = group.State,
                GroupType = group.GroupType,
            });
        }

        return response;
    }

    protected override ListGroupsResponseData Fail(ListGroupsRequestData request, ErrorCode error) => new() { ErrorCode = error };
}

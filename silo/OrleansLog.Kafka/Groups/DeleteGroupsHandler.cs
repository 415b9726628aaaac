using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>DeleteGroups 0-2: empty groups, with their offsets.</summary>
internal sealed class DeleteGroupsHandler(GroupRoute groups) : ApiHandler<DeleteGroupsRequestData, DeleteGroupsResponseData>
{
    protected override async ValueTask<DeleteGroupsResponseData?> HandleAsync(DeleteGroupsRequestData request, RequestContext context)
    {
        var results = await groups.DeleteAsync([.. request.GroupsNames.Distinct(StringComparer.Ordinal)], context.Aborted).ConfigureAwait(false);
        var response = new DeleteGroupsResponseData();
        foreach (var result in results)
        {
            context.NoteError(result.Error);
            response.Results.Add(new() { GroupId = result.GroupId, ErrorCode = result.Error });
        }

        return response;
    }

    protected override DeleteGroupsResponseData Fail(DeleteGroupsRequestData request, ErrorCode error)
    {
        var response = new DeleteGroupsResponseData();
        foreach (var group in request.GroupsNames.Distinct(StringComparer.Ordinal))
            response.Results.Add(new() { GroupId = group, ErrorCode = error });

        return response;
    }
}

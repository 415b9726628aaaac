using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>DescribeGroups 0-6; a group that does not exist is dead, and from version 6 on an error (KIP-1043).</summary>
internal sealed class DescribeGroupsHandler(GroupRoute groups) : ApiHandler<DescribeGroupsRequestData, DescribeGroupsResponseData>
{
    private const short FirstWithGroupIdNotFound = 6;

    /// <summary>Read, delete, describe, and describing and altering configuration: all that can be done to a group, as nobody is forbidden anything.</summary>
    private const int AllOperations = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

    protected override async ValueTask<DescribeGroupsResponseData?> HandleAsync(DescribeGroupsRequestData request, RequestContext context)
    {
        var descriptions = await groups.DescribeAsync([.. request.Groups], context.Aborted).ConfigureAwait(false);
        var response = new DescribeGroupsResponseData();
        foreach (var description in descriptions)
        {
            var isMissing = description.Error == ErrorCode.GroupIdNotFound;
            var error = isMissing && context.ApiVersion < FirstWithGroupIdNotFound ? ErrorCode.None : description.Error;
            context.NoteError(error);
            var group = new DescribeGroupsResponseData.DescribedGroup
            {
                ErrorCode = error,
                ErrorMessage = description.Message,
                GroupId = description.GroupId,
                GroupState = description.State,
                ProtocolType = description.ProtocolType,
                ProtocolData = description.ProtocolName,
            };
            if (request.IncludeAuthorizedOperations && error == ErrorCode.None)
                group.AuthorizedOperations = AllOperations;

            foreach (var member in description.Members)
                group.Members.Add(Tell(member));

            response.Groups.Add(group);
        }

        return response;
    }

    protected override DescribeGroupsResponseData Fail(DescribeGroupsRequestData request, ErrorCode error)
    {
        var response = new DescribeGroupsResponseData();
        foreach (var group in request.Groups)
            response.Groups.Add(new() { GroupId = group, ErrorCode = error });

        return response;
    }

    private static DescribeGroupsResponseData.DescribedGroupMember Tell(GroupMemberDescription member) => new()
    {
        MemberId = member.MemberId,
        GroupInstanceId = member.GroupInstanceId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        MemberMetadata = member.Metadata,
        MemberAssignment = member.Assignment,
    };
}

using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>LeaveGroup 0-5: one member before version 3, several from there on.</summary>
internal sealed class LeaveGroupHandler(GroupRoute groups) : ApiHandler<LeaveGroupRequestData, LeaveGroupResponseData>
{
    private const short FirstWithSeveralMembers = 3;

    protected override async ValueTask<LeaveGroupResponseData?> HandleAsync(LeaveGroupRequestData request, RequestContext context)
    {
        var isSingle = context.ApiVersion < FirstWithSeveralMembers;
        LeavingMember[] members = isSingle
            ? [new LeavingMember(request.MemberId)]
            : [.. request.Members.Select(static member => new LeavingMember(member.MemberId, member.GroupInstanceId, member.Reason))];
        var result = await groups.LeaveAsync(new LeaveGroupCall(request.GroupId, members), context.Aborted).ConfigureAwait(false);
        var response = new LeaveGroupResponseData { ErrorCode = result.Error };
        if (isSingle && result.Error == ErrorCode.None)
            response.ErrorCode = result.Members[0];

        context.NoteError(response.ErrorCode);
        for (var i = 0; !isSingle && i < result.Members.Length; i++)
        {
            context.NoteError(result.Members[i]);
            response.Members.Add(new() { MemberId = members[i].MemberId, GroupInstanceId = members[i].GroupInstanceId, ErrorCode = result.Members[i] });
        }

        return response;
    }

    protected override LeaveGroupResponseData Fail(LeaveGroupRequestData request, ErrorCode error) => new() { ErrorCode = error };
}

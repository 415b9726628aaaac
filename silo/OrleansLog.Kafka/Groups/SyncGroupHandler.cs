using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>SyncGroup 0-5: answered when the leader has assigned.</summary>
internal sealed class SyncGroupHandler(GroupRoute groups) : ApiHandler<SyncGroupRequestData, SyncGroupResponseData>
{
    public override bool WaitsAsAsked => true;

    protected override async ValueTask<SyncGroupResponseData?> HandleAsync(SyncGroupRequestData request, RequestContext context)
    {
        var result = await groups.SyncAsync(
            new SyncGroupCall
            {
                GroupId = request.GroupId,
                GenerationId = request.GenerationId,
                MemberId = request.MemberId,
                GroupInstanceId = request.GroupInstanceId,
                ProtocolType = request.ProtocolType,
                ProtocolName = request.ProtocolName,
                Assignments = [.. request.Assignments.Select(static share => new MemberAssignment(share.MemberId, share.Assignment))],
                ServerAssignor = request.OrleansLogServerAssignor,
            },
            context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        return new SyncGroupResponseData
        {
            ErrorCode = result.Error,
            ProtocolType = result.ProtocolType,
            ProtocolName = result.ProtocolName,
            Assignment = result.Assignment,
        };
    }

    protected override SyncGroupResponseData Fail(SyncGroupRequestData request, ErrorCode error) => new() { ErrorCode = error };
}

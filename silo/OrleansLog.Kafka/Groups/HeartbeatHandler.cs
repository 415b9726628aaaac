using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>Heartbeat 0-4.</summary>
internal sealed class HeartbeatHandler(GroupRoute groups) : ApiHandler<HeartbeatRequestData, HeartbeatResponseData>
{
    protected override async ValueTask<HeartbeatResponseData?> HandleAsync(HeartbeatRequestData request, RequestContext context)
    {
        var call = new HeartbeatCall(request.GroupId, request.GenerationId, request.MemberId, request.GroupInstanceId);
        var error = await groups.HeartbeatAsync(call, context.Aborted).ConfigureAwait(false);
        context.NoteError(error);
        return Fail(request, error);
    }

    protected override HeartbeatResponseData Fail(HeartbeatRequestData request, ErrorCode error) => new() { ErrorCode = error };
}

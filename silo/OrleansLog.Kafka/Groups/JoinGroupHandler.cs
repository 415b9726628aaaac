using System.Net;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>JoinGroup 0-9: answered when the generation begins.</summary>
internal sealed class JoinGroupHandler(GroupRoute groups) : ApiHandler<JoinGroupRequestData, JoinGroupResponseData>
{
    /// <summary>From here on a new member comes back with the id that it is told (KIP-394).</summary>
    private const short FirstWithKnownMemberIds = 4;

    /// <summary>From here on a protocol that is not there is null.</summary>
    private const short FirstWithNullProtocol = 7;

    private const short FirstThatSkipsAssignment = 9;

    public override bool WaitsAsAsked => true;

    protected override async ValueTask<JoinGroupResponseData?> HandleAsync(JoinGroupRequestData request, RequestContext context)
    {
        var result = await groups.JoinAsync(
            new JoinGroupCall
            {
                GroupId = request.GroupId,
                MemberId = request.MemberId,
                GroupInstanceId = request.GroupInstanceId,
                ProtocolType = request.ProtocolType,
                Protocols = [.. request.Protocols.Select(static protocol => new GroupProtocol(protocol.Name, protocol.Metadata))],
                SessionTimeoutMs = request.SessionTimeoutMs,
                RebalanceTimeoutMs = request.RebalanceTimeoutMs,
                ClientId = context.ClientId ?? "",
                ClientHost = HostOf(context.Remote),
                RequireKnownMemberId = context.ApiVersion >= FirstWithKnownMemberIds,
                SupportsSkippingAssignment = context.ApiVersion >= FirstThatSkipsAssignment,
                Reason = request.Reason,
            },
            context.Aborted).ConfigureAwait(false);
        context.NoteError(result.Error);
        var response = new JoinGroupResponseData
        {
            ErrorCode = result.Error,
            GenerationId = result.GenerationId,
            ProtocolType = result.ProtocolType,
            ProtocolName = result.ProtocolName ?? (context.ApiVersion < FirstWithNullProtocol ? "" : null),
            Leader = result.Leader,
            SkipAssignment = result.SkipAssignment,
            MemberId = result.MemberId,
        };
        foreach (var member in result.Members)
            response.Members.Add(new() { MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, Metadata = member.Metadata });

        return response;
    }

    protected override JoinGroupResponseData Fail(JoinGroupRequestData request, ErrorCode error) => new() { ErrorCode = error, MemberId = request.MemberId };

    /// <summary>The form that Kafka's tools show.</summary>
    private static string HostOf(EndPoint remote)
    {
        if (remote is not IPEndPoint { Address: var address })
            return "";

        return "/" + (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }
}

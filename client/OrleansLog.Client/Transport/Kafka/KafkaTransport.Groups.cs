using System.Collections.Concurrent;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// Groups over the socket: a group's coordinator is looked up once and asked until it says, by an error, that it is another one;
/// the caller tries again then, and it is looked up anew.
/// </summary>
internal sealed partial class KafkaTransport : IGroupTransport
{
    private const int CoordinatorsMax = 10_000;
    private const short FindCoordinatorMax = 3; // One key; from 4 on there are several.
    private const short JoinGroupMin = 2;
    private const short JoinGroupMax = 9;
    private const short SyncGroupMin = 1;
    private const short SyncGroupServerAssigns = 4; // Our tagged field needs a flexible version.
    private const short SyncGroupMax = 5;
    private const short HeartbeatMax = 4;
    private const short LeaveGroupMin = 3; // Several members, by instance id too (KIP-345).
    private const short LeaveGroupMax = 5;

    private readonly ConcurrentDictionary<string, int> _coordinators = new(StringComparer.Ordinal);

    public async ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken)
    {
        var rebalanceTimeoutMs = call.RebalanceTimeoutMs < 0 ? call.SessionTimeoutMs : call.RebalanceTimeoutMs;
        var request = new JoinGroupRequestData
        {
            GroupId = call.GroupId,
            SessionTimeoutMs = call.SessionTimeoutMs,
            RebalanceTimeoutMs = rebalanceTimeoutMs,
            MemberId = call.MemberId,
            GroupInstanceId = call.GroupInstanceId,
            ProtocolType = call.ProtocolType,
            Protocols = [.. call.Protocols.Select(static protocol => new JoinGroupRequestData.JoinGroupRequestProtocol
            {
                Name = protocol.Name, Metadata = protocol.Metadata.ToArray(),
            })],
            Reason = call.Reason,
        };
        var (response, error) = await AskCoordinatorAsync<JoinGroupRequestData, JoinGroupResponseData>(
            call.GroupId, request, JoinGroupMin, JoinGroupMax, KafkaLaneKind.Long, Math.Max(rebalanceTimeoutMs, 0), static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        return response is null ? JoinGroupResult.Failure(error) : new JoinGroupResult
        {
            Error = response.ErrorCode,
            GenerationId = response.GenerationId,
            ProtocolType = response.ProtocolType,
            ProtocolName = response.ProtocolName,
            Leader = response.Leader,
            SkipAssignment = response.SkipAssignment,
            MemberId = response.MemberId,
            Members = [.. response.Members.Select(static member => new JoinedMember(member.MemberId, member.GroupInstanceId, member.Metadata))],
        };
    }

    public async ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken)
    {
        var request = new SyncGroupRequestData
        {
            GroupId = call.GroupId,
            GenerationId = call.GenerationId,
            MemberId = call.MemberId,
            GroupInstanceId = call.GroupInstanceId,
            ProtocolType = call.ProtocolType,
            ProtocolName = call.ProtocolName,
            Assignments = [.. call.Assignments.Select(static one => new SyncGroupRequestData.SyncGroupRequestAssignment
            {
                MemberId = one.MemberId, Assignment = one.Assignment.ToArray(),
            })],
            OrleansLogServerAssignor = call.ServerAssignor,
        };
        var (response, error) = await AskCoordinatorAsync<SyncGroupRequestData, SyncGroupResponseData>(
            call.GroupId, request, call.ServerAssignor ? SyncGroupServerAssigns : SyncGroupMin, SyncGroupMax, KafkaLaneKind.Long,
            Options.RequestTimeoutMs, static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        return response is null ? SyncGroupResult.Failure(error) : new SyncGroupResult
        {
            Error = response.ErrorCode,
            ProtocolType = response.ProtocolType,
            ProtocolName = response.ProtocolName,
            Assignment = response.Assignment,
        };
    }

    public async ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken)
    {
        var request = new HeartbeatRequestData
        {
            GroupId = call.GroupId,
            GenerationId = call.GenerationId,
            MemberId = call.MemberId,
            GroupInstanceId = call.GroupInstanceId,
        };
        var (response, error) = await AskCoordinatorAsync<HeartbeatRequestData, HeartbeatResponseData>(
            call.GroupId, request, 0, HeartbeatMax, KafkaLaneKind.Short, waitMs: 0, static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        return response?.ErrorCode ?? error;
    }

    public async ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken)
    {
        var request = new LeaveGroupRequestData
        {
            GroupId = call.GroupId,
            Members = [.. call.Members.Select(static member => new LeaveGroupRequestData.MemberIdentity
            {
                MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, Reason = member.Reason,
            })],
        };
        var (response, error) = await AskCoordinatorAsync<LeaveGroupRequestData, LeaveGroupResponseData>(
            call.GroupId, request, LeaveGroupMin, LeaveGroupMax, KafkaLaneKind.Short, waitMs: 0, static answer => answer.ErrorCode, cancellationToken).ConfigureAwait(false);
        if (response is null || response.ErrorCode != ErrorCode.None)
            return new LeaveGroupResult(response?.ErrorCode ?? error, []);
        return response.Members.Count == call.Members.Length
            ? new LeaveGroupResult(ErrorCode.None, [.. response.Members.Select(static member => member.ErrorCode)])
            : new LeaveGroupResult(ErrorCode.UnknownServerError, []);
    }

    /// <summary>Asks a group's coordinator once. Null and an error where it could not be asked; what its answer says is looked at for who coordinates.</summary>
    private async ValueTask<(TResponse? Response, ErrorCode Error)> AskCoordinatorAsync<TRequest, TResponse>(
        string groupId, TRequest request, short minVersion, short maxVersion, KafkaLaneKind lane, int waitMs,
        Func<TResponse, ErrorCode> errorOf, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        if (!_coordinators.TryGetValue(groupId, out var coordinator))
        {
            (coordinator, var notFound) = await FindCoordinatorAsync(groupId, cancellationToken).ConfigureAwait(false);
            if (notFound != ErrorCode.None)
                return (null, notFound);
        }

        var answer = await AskAsync<TRequest, TResponse>(
            coordinator, request, minVersion, maxVersion, lane, waitMs, cancellationToken).ConfigureAwait(false);
        if (answer.Response is not { } response)
        {
            _coordinators.TryRemove(groupId, out _);
            return (null, answer.Failure!.Code is ErrorCode.BrokerNotAvailable ? ErrorCode.CoordinatorNotAvailable : answer.Failure.Code);
        }

        if (errorOf(response) is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            _coordinators.TryRemove(groupId, out _);
        return (response, ErrorCode.None);
    }

    private async ValueTask<(int Coordinator, ErrorCode Error)> FindCoordinatorAsync(string groupId, CancellationToken cancellationToken)
    {
        var answer = await AskHomeAsync<FindCoordinatorRequestData, FindCoordinatorResponseData>(
            new FindCoordinatorRequestData { Key = groupId }, 0, FindCoordinatorMax, KafkaLaneKind.Short, waitMs: 0, isChange: false, cancellationToken).ConfigureAwait(false);
        if (answer.Response is not { } response)
            return (NoBroker, answer.Failure!.Code);
        if (response.ErrorCode != ErrorCode.None)
            return (NoBroker, response.ErrorCode);
        if (Broker(response.NodeId) is null)
        {
            // A broker that is newer than what this client knows of the cluster.
            try
            {
                await GetMetadataAsync([], NoVersion, cancellationToken).ConfigureAwait(false);
            }
            catch (LogException error)
            {
                return (NoBroker, error.Code);
            }
        }

        if (_coordinators.Count >= CoordinatorsMax)
            _coordinators.Clear();
        _coordinators[groupId] = response.NodeId;
        return (response.NodeId, ErrorCode.None);
    }
}

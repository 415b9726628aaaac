using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Groups;

/// <summary>FindCoordinator 0-6: the broker of a group; from version 4 on of several.</summary>
internal sealed class FindCoordinatorHandler(GroupRoute groups, ClientEndpoints endpoints) : ApiHandler<FindCoordinatorRequestData, FindCoordinatorResponseData>
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;
    private const short FirstWithSeveralKeys = 4;

    protected override async ValueTask<FindCoordinatorResponseData?> HandleAsync(FindCoordinatorRequestData request, RequestContext context)
    {
        var response = new FindCoordinatorResponseData();
        if (context.ApiVersion >= FirstWithSeveralKeys)
        {
            foreach (var key in request.CoordinatorKeys)
                response.Coordinators.Add(await FindAsync(key, request.KeyType, context).ConfigureAwait(false));

            return response;
        }

        var found = await FindAsync(request.Key, request.KeyType, context).ConfigureAwait(false);
        response.ErrorCode = found.ErrorCode;
        response.ErrorMessage = found.ErrorCode == ErrorCode.None ? "NONE" : found.ErrorMessage;
        response.NodeId = found.NodeId;
        response.Host = found.Host;
        response.Port = found.Port;
        return response;
    }

    protected override FindCoordinatorResponseData Fail(FindCoordinatorRequestData request, ErrorCode error)
    {
        var response = new FindCoordinatorResponseData { ErrorCode = error, ErrorMessage = null, NodeId = -1, Port = -1 };
        foreach (var key in request.CoordinatorKeys)
            response.Coordinators.Add(Nowhere(key, error, null));

        return response;
    }

    private async ValueTask<FindCoordinatorResponseData.Coordinator> FindAsync(string key, sbyte keyType, RequestContext context)
    {
        // Clients take any other error for a passing one and ask for ever.
        if (keyType == TransactionKey)
            return Refuse(key, ErrorCode.TransactionalIdAuthorizationFailed, "Transactions are not supported yet.", context);
        if (keyType != GroupKey)
            return Refuse(key, ErrorCode.InvalidRequest, $"There are no coordinators of type {keyType}.", context);

        var location = await groups.FindAsync(key).ConfigureAwait(false);
        if (location.Error != ErrorCode.None)
            return Refuse(key, location.Error, location.Message, context);
        if (groups.Image.FindBroker(location.BrokerId) is not { Fenced: false } broker || endpoints.Of(broker, context) is not { } endpoint)
            return Refuse(key, ErrorCode.CoordinatorNotAvailable, $"Broker {location.BrokerId} cannot be reached by this listener.", context);

        return new() { Key = key, ErrorMessage = "", NodeId = broker.Id, Host = endpoint.Host, Port = endpoint.Port };
    }

    private static FindCoordinatorResponseData.Coordinator Refuse(string key, ErrorCode error, string? message, RequestContext context)
    {
        context.NoteError(error);
        return Nowhere(key, error, message);
    }

    private static FindCoordinatorResponseData.Coordinator Nowhere(string key, ErrorCode error, string? message) =>
        new() { Key = key, ErrorCode = error, ErrorMessage = message, NodeId = -1, Port = -1 };
}

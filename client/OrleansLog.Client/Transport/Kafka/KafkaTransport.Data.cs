using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _router.TryFind(request.Partition, out var leader) && Broker(leader) is { } broker
            ? Send(broker, request)
            : RouteAsync(request, cancellationToken);
    }

    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        _router.FetchAsync(request, FetchAsync, cancellationToken);

    private async ValueTask<ProduceResult> RouteAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        var (leader, refusal) = await _router.LeaderAsync(request.Partition, cancellationToken).ConfigureAwait(false);
        if (refusal != ErrorCode.None)
            return ProduceResult.Failure(refusal, ProduceOutcome.NotStored, LeaderRouter.MessageFor(refusal, request.Partition));
        if (Broker(leader) is { } broker)
            return await Send(broker, request).ConfigureAwait(false);
        _router.Forget(request.Partition.Topic);
        var unknown = NoLeader(leader);
        return ProduceResult.Failure(unknown.Code, ProduceOutcome.NotStored, unknown.Message);
    }

    private ValueTask<ProduceResult> Send(KafkaBroker broker, ProduceRequest request)
    {
        var call = ProduceCall.Rent(request, Options.RequestTimeoutMs, _router);
        var result = call.Result;
        broker.Lane(KafkaLaneKind.Produce).Start(call);
        return result;
    }

    private async Task<FetchResult> FetchAsync(int leader, FetchRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Broker(leader) is not { } broker)
        {
            foreach (var partition in request.Partitions)
                _router.Forget(partition.Partition.Topic);
            var unknown = NoLeader(leader);
            var refused = LeaderRouter.Refused(request, unknown.Code, unknown.Message);
            _router.NoteFetched(request, refused);
            return refused;
        }

        var call = new FetchCall(request);
        using var cancelling = cancellationToken.UnsafeRegister(static (call, token) => ((FetchCall)call!).Cancel(token), call);
        broker.Lane(KafkaLaneKind.Long).Start(call);
        var result = await call.Result.ConfigureAwait(false);
        _router.NoteFetched(request, result);
        return result;
    }
}

using OrleansLog.Protocol;

namespace OrleansLog.Client;

internal sealed partial class OrleansTransport
{
    public async ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (leader, refusal) = await _router.LeaderAsync(request.Partition, cancellationToken).ConfigureAwait(false);
        if (refusal != ErrorCode.None)
            return ProduceResult.Failure(refusal, ProduceOutcome.NotStored, LeaderRouter.MessageFor(refusal, request.Partition));
        try
        {
            var result = await Broker(leader).ProduceAsync(request).AsTask().WaitAsync(request.AnswerWithin, CancellationToken.None).ConfigureAwait(false);
            if (result.Error.MeansStaleMetadata())
                _router.Forget(request.Partition.Topic);
            return result;
        }
        catch (Exception error)
        {
            // It may have arrived before the connection broke, whatever broke it.
            _router.Forget(request.Partition.Topic);
            var (code, message) = Translate(error);
            return ProduceResult.Failure(code, ProduceOutcome.Unknown, message);
        }
    }

    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        _router.FetchAsync(request, FetchAsync, cancellationToken);

    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(
        ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken) =>
        SpreadAsync(
            queries,
            static query => query.Partition,
            (broker, part) => broker.ListOffsetsAsync(part, isolation),
            static error => new ListOffsetsResult(error, -1),
            static result => result.Error,
            cancellationToken);

    public ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken) =>
        SpreadAsync(
            queries,
            static query => query.Partition,
            static (broker, part) => broker.DeleteRecordsAsync(part),
            static error => new DeleteRecordsResult(error, -1),
            static result => result.Error,
            cancellationToken);

    private async Task<FetchResult> FetchAsync(int leader, FetchRequest request, CancellationToken cancellationToken)
    {
        var waitId = cancellationToken.CanBeCanceled ? Guid.NewGuid() : default;
        try
        {
            var result = await Broker(leader).FetchAsync(request, waitId).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            _router.NoteFetched(request, result);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Sent and not answered: a wait that nobody is interested in any more ends at the broker, too.
            Broker(leader).EndWaitAsync(waitId).Ignore();
            throw;
        }
        catch (Exception error)
        {
            var (code, message) = Translate(error);
            foreach (var partition in request.Partitions)
                _router.Forget(partition.Partition.Topic);
            return LeaderRouter.Refused(request, code, message);
        }
    }

    private ValueTask<TResult[]> SpreadAsync<TQuery, TResult>(
        TQuery[] queries, Func<TQuery, TopicPartition> partitionOf, Func<IBrokerGrain, TQuery[], ValueTask<TResult[]>> ask,
        Func<ErrorCode, TResult> failure, Func<TResult, ErrorCode> errorOf, CancellationToken cancellationToken)
    {
        return _router.SpreadAsync(queries, partitionOf, AskShareAsync, failure, errorOf, cancellationToken);

        async Task<(TResult[] Answers, ErrorCode Error)> AskShareAsync(int leader, TQuery[] share)
        {
            try
            {
                return (await ask(Broker(leader), share).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false), ErrorCode.None);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                return ([], Translate(error).Code);
            }
        }
    }
}

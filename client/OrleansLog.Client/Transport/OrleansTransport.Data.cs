using OrleansLog.Protocol;

namespace OrleansLog.Client;

internal sealed partial class OrleansTransport
{
    public async ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (leader, refusal) = await LeaderAsync(request.Partition, cancellationToken).ConfigureAwait(false);
        if (refusal != ErrorCode.None)
            return ProduceResult.Failure(refusal, ProduceOutcome.NotStored, MessageFor(refusal, request.Partition));
        try
        {
            var result = await Broker(leader).ProduceAsync(request).ConfigureAwait(false);
            if (result.Error.MeansStaleMetadata())
                Forget(request.Partition.Topic);
            return result;
        }
        catch (Exception error)
        {
            // It may have arrived before the connection broke, whatever broke it.
            Forget(request.Partition.Topic);
            var (code, message) = Translate(error);
            return ProduceResult.Failure(code, ProduceOutcome.Unknown, message);
        }
    }

    public async ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        var results = new FetchPartitionResult[request.Partitions.Length];
        var byLeader = await GroupAsync(request, results, cancellationToken).ConfigureAwait(false);
        if (byLeader.Count == 1 && byLeader.First() is var (only, indexes) && indexes.Count == results.Length)
            return await FetchAsync(only, request, cancellationToken).ConfigureAwait(false);
        var calls = byLeader.Select(async group =>
        {
            using var part = await FetchAsync(group.Key, Part(request, group.Value), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < group.Value.Count && i < part.Partitions.Length; i++)
                results[group.Value[i]] = part.Partitions[i];
        });
        await Task.WhenAll(calls).ConfigureAwait(false);
        return new FetchResult(results);
    }

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

    private static string? MessageFor(ErrorCode refusal, TopicPartition partition) => refusal == ErrorCode.LeaderNotAvailable
        ? $"No broker leads {partition} now: its broker is away, or the log directory of its replica is gone or has failed. The broker's log and 'olog topic describe' tell which."
        : null;

    private static FetchRequest Part(FetchRequest request, List<int> indexes) => new()
    {
        Partitions = [.. indexes.Select(index => request.Partitions[index])],
        MaxWaitMs = request.MaxWaitMs,
        MinBytes = request.MinBytes,
        MaxBytes = request.MaxBytes,
        Isolation = request.Isolation,
    };

    private async ValueTask<Dictionary<int, List<int>>> GroupAsync(
        FetchRequest request, FetchPartitionResult[] results, CancellationToken cancellationToken)
    {
        var byLeader = new Dictionary<int, List<int>>(1);
        for (var i = 0; i < results.Length; i++)
        {
            var (leader, refusal) = await LeaderAsync(request.Partitions[i].Partition, cancellationToken).ConfigureAwait(false);
            if (refusal == ErrorCode.None)
                byLeader.GetOrAdd(leader).Add(i);
            else
                results[i] = new FetchPartitionResult { Error = refusal, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1 };
        }

        return byLeader;
    }

    private async Task<FetchResult> FetchAsync(int leader, FetchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var result = await Broker(leader).FetchAsync(request).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < result.Partitions.Length && i < request.Partitions.Length; i++)
            {
                if (result.Partitions[i].Error.MeansStaleMetadata())
                    Forget(request.Partitions[i].Partition.Topic);
            }

            return result;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var (code, message) = Translate(error);
            var failed = new FetchPartitionResult { Error = code, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1, Message = message };
            foreach (var partition in request.Partitions)
                Forget(partition.Partition.Topic);
            return new FetchResult([.. Enumerable.Repeat(failed, request.Partitions.Length)]);
        }
    }

    // Asks each leader for its share, and puts the answers back in the order of the questions.
    private async ValueTask<TResult[]> SpreadAsync<TQuery, TResult>(
        TQuery[] queries, Func<TQuery, TopicPartition> partitionOf, Func<IBrokerGrain, TQuery[], ValueTask<TResult[]>> ask,
        Func<ErrorCode, TResult> failure, Func<TResult, ErrorCode> errorOf, CancellationToken cancellationToken)
    {
        var results = new TResult[queries.Length];
        var byLeader = new Dictionary<int, List<int>>(1);
        for (var i = 0; i < queries.Length; i++)
        {
            var (leader, refusal) = await LeaderAsync(partitionOf(queries[i]), cancellationToken).ConfigureAwait(false);
            if (refusal == ErrorCode.None)
                byLeader.GetOrAdd(leader).Add(i);
            else
                results[i] = failure(refusal);
        }

        foreach (var (leader, indexes) in byLeader)
        {
            var answers = await AskShareAsync(leader, [.. indexes.Select(index => queries[index])]).ConfigureAwait(false);
            for (var i = 0; i < indexes.Count; i++)
            {
                var answer = answers is { } got && i < got.Length ? got[i] : failure(ErrorCode.NetworkException);
                if (errorOf(answer).MeansStaleMetadata())
                    Forget(partitionOf(queries[indexes[i]]).Topic);
                results[indexes[i]] = answer;
            }
        }

        return results;

        async Task<TResult[]?> AskShareAsync(int leader, TQuery[] share)
        {
            try
            {
                return await ask(Broker(leader), share).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                var (code, _) = Translate(error);
                return [.. share.Select(_ => failure(code))];
            }
        }
    }
}

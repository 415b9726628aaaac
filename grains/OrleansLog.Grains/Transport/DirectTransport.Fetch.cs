namespace OrleansLog.Grains;

internal sealed partial class DirectTransport
{
    private ValueTask<FetchResult> FetchLocalAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        // A grain that consumes in process must not read the disk on its turn (D4).
        if (TaskScheduler.Current != TaskScheduler.Default)
            return new(Task.Run(() => FetchLocalAsync(request, cancellationToken).AsTask(), cancellationToken));

        var fetch = host.Local.FetchAsync(request, cancellationToken);
        return fetch.IsCompletedSuccessfully || !cancellationToken.CanBeCanceled ? fetch : ThrowIfCancelledAsync(fetch, cancellationToken);
    }

    private static async ValueTask<FetchResult> ThrowIfCancelledAsync(ValueTask<FetchResult> fetch, CancellationToken cancellationToken)
    {
        var result = await fetch.ConfigureAwait(false);
        if (!cancellationToken.IsCancellationRequested)
            return result;

        result.Dispose();
        throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Partitions of several brokers: each is asked for its own at the same time. The first that has something ends the waits at the others.</summary>
    private async ValueTask<FetchResult> FetchRoutedAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        var parts = new FetchParts();
        using var waits = new RoutedWaits(cancellationToken);
        try
        {
            var results = await RouteAsync(
                request.Partitions, static partition => partition.Partition,
                async (leader, part, leaders) =>
                {
                    var fetch = PartOf(request, part, leaders);
                    var fetching = leader == Here
                        ? waits.FetchAsync(host.Local, fetch)
                        : waits.FetchAsync(grains.GetGrain<IBrokerGrain>(leader), fetch);
                    var result = await fetching.ConfigureAwait(false);
                    parts.Add(result);
                    return result.Partitions;
                },
                static (_, error) => new FetchPartitionResult { Error = error, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1 },
                cancellationToken).ConfigureAwait(false);
            return new FetchResult(results, parts);
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A leader's share. If all have enough together, one of them has its part of that, and answers. Only leaders are asked, and need not name anybody nearer.
    /// </summary>
    private static FetchRequest PartOf(FetchRequest request, FetchPartition[] part, int leaders) => request with
    {
        Partitions = part,
        MinBytes = (int)Math.Min(int.MaxValue, ((long)request.MinBytes + leaders - 1) / leaders),
        MaxBytes = Math.Max(1, request.MaxBytes / leaders),
        AllowsFollower = false,
        Rack = null,
    };

    /// <summary>Asks each partition's leader for its own. The call is given the broker or <see cref="Here"/>, the queries, and how many are asked.</summary>
    private async Task<TResult[]> RouteAsync<TQuery, TResult>(
        TQuery[] queries, Func<TQuery, TopicPartition> partitionOf, Func<int, TQuery[], int, Task<TResult[]>> call,
        Func<TQuery, ErrorCode, TResult> failed, CancellationToken cancellationToken)
    {
        var results = new TResult[queries.Length];
        var byLeader = Enumerable.Range(0, queries.Length).GroupBy(i => RouteOf(partitionOf(queries[i]))).ToArray();
        await Task.WhenAll(byLeader.Select(async group =>
        {
            var indexes = group.ToArray();
            try
            {
                var part = await call(group.Key, [.. indexes.Select(i => queries[i])], byLeader.Length).WaitAsync(cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < indexes.Length; i++)
                    results[indexes[i]] = part[i];
            }
            catch (Exception e) when (RemoteErrors.Translate(e) is var error and not ErrorCode.None)
            {
                foreach (var i in indexes)
                    results[i] = failed(queries[i], error);
            }
        })).ConfigureAwait(false);
        return results;
    }
}

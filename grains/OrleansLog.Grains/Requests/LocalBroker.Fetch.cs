using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Reading;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class LocalBroker
{
    /// <summary>Fetches that wait for records now.</summary>
    public int FetchesWaiting => Volatile.Read(ref _fetchesWaiting);

    /// <summary>
    /// Reads partitions that this broker leads, or follows where the request allows it, waiting up to <see cref="FetchRequest.MaxWaitMs"/> (<c>orleanslog.request.wait.max.ms</c>) for
    /// <see cref="FetchRequest.MinBytes"/>, or for what the request's limits let in, without holding a thread. Dispose the result.
    /// </summary>
    /// <param name="request">What to read.</param>
    /// <param name="cancellationToken">Ends the wait; what is there then is answered.</param>
    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken = default) =>
        FetchAsync(request, pooled: true, cancellationToken);

    /// <summary>The same with records in memory of their own, for answers that nobody can dispose.</summary>
    internal ValueTask<FetchResult> FetchOwnedAsync(FetchRequest request, CancellationToken cancellationToken) =>
        FetchAsync(request, pooled: false, cancellationToken);

    private ValueTask<FetchResult> FetchAsync(FetchRequest request, bool pooled, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var attempt = Read(request, MayNotWait);
        return attempt.IsCold ? FetchColdAsync(request, attempt, pooled, cancellationToken) : AnswerOrWait(request, attempt, pooled, cancellationToken);
    }

    private async ValueTask<FetchResult> FetchColdAsync(FetchRequest request, FetchAttempt cold, bool pooled, CancellationToken cancellationToken) =>
        await AnswerOrWait(request, await ReadColdAsync(request, cold).ConfigureAwait(false), pooled, cancellationToken).ConfigureAwait(false);

    private ValueTask<FetchResult> AnswerOrWait(FetchRequest request, in FetchAttempt attempt, bool pooled, CancellationToken cancellationToken)
    {
        if (attempt.IsEnough || request.MaxWaitMs <= 0)
            return new(Answer(attempt, pooled));

        // Above the bound on waiting fetches one is answered at once with what there is; its client asks again.
        if (Interlocked.Increment(ref _fetchesWaiting) > _fetchWaitingMax)
        {
            Interlocked.Decrement(ref _fetchesWaiting);
            return new(Answer(attempt, pooled));
        }

        attempt.Dispose();
        return WaitAndReadAsync(request, attempt, pooled, cancellationToken);
    }

    private async ValueTask<FetchResult> WaitAndReadAsync(
        FetchRequest request, FetchAttempt attempt, bool pooled, CancellationToken cancellationToken)
    {
        try
        {
            await WaitAsync(request, attempt, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _fetchesWaiting);
        }

        var now = Read(request, MayNotWait);
        return Answer(now.IsCold ? await ReadColdAsync(request, now).ConfigureAwait(false) : now, pooled);
    }

    private FetchAttempt Read(FetchRequest request, bool cachedOnly) => FetchAttempt.Read(request, _fetchMaxBytes, FetchMemory, this, cachedOnly);

    /// <summary>Reads anew what is not in memory, where one may wait for the disk.</summary>
    private ValueTask<FetchAttempt> ReadColdAsync(FetchRequest request, in FetchAttempt cold)
    {
        cold.Dispose();
        return new DiskRead<FetchAttempt>(() => Read(request, cachedOnly: false)).RunAsync(Readers);
    }

    private async ValueTask WaitAsync(FetchRequest request, FetchAttempt attempt, CancellationToken cancellationToken)
    {
        var waiter = new FetchWaiter(attempt.MinBytes, attempt.AvailableBytes);
        try
        {
            var isCurrent = true;
            for (var i = 0; i < request.Partitions.Length && isCurrent; i++)
            {
                ref readonly var wanted = ref request.Partitions[i];
                isCurrent = Find(wanted.Partition, out _)?.AddFetcher(
                    waiter, wanted, attempt.Results[i].HighWatermark, attempt.RoomBytes(i, wanted), request.AllowsFollower) ?? false;
            }

            if (!isCurrent)
                return;

            _broker.Wheel.Schedule(waiter, Math.Min(request.MaxWaitMs, _broker.RequestWaitMaxMs));
            await using var registration = cancellationToken.UnsafeRegister(static w => ((FetchWaiter)w!).Wake(), waiter);
            await waiter.Task.ConfigureAwait(false);
            _broker.Wheel.Cancel(waiter);
        }
        finally
        {
            foreach (var wanted in request.Partitions)
                _partitions.Find(wanted.Partition)?.RemoveFetcher(waiter);
        }
    }

    private static FetchResult Answer(in FetchAttempt attempt, bool pooled)
    {
        var result = pooled ? attempt.ToPooledResult() : attempt.ToOwnedResult();
        if (!attempt.HasError)
            return result;

        for (var i = 0; i < attempt.Results.Length; i++)
        {
            ref var partition = ref attempt.Results[i];
            if (partition is { Error: not ErrorCode.None, Message: null })
                partition = partition with { Message = partition.Error.Describe() };
        }

        return result;
    }
}

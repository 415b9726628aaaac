namespace OrleansLog.Grains;

/// <summary>Who waits for a version, the lowest first. Who stops waiting is forgotten: versions are named by callers, and may never come.</summary>
internal sealed class VersionWaiters
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private long _reached = long.MinValue;

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Completes once a version or a later one is reached.</summary>
    /// <param name="version">The version.</param>
    /// <param name="limit">Longest wait; it ends with <see cref="TimeoutException"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(long version, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (version <= _reached)
                return Task.CompletedTask;

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, version);
        }

        return WaitAsync(waiter, limit, time, cancellationToken);
    }

    /// <summary>A version is reached; lower ones than the last are as good as said.</summary>
    public void Reach(long version)
    {
        lock (_gate)
        {
            _reached = Math.Max(_reached, version);
            while (_waiting.TryPeek(out var waiter, out var wanted) && wanted <= _reached)
            {
                _waiting.Dequeue();
                waiter.SetResult();
            }
        }
    }

    /// <summary>No more versions are reached: all who wait fail.</summary>
    /// <param name="makeError">Makes the error of each.</param>
    public void Fail(Func<Exception> makeError)
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var waiter, out _))
                waiter.SetException(makeError());
        }
    }

    private async Task WaitAsync(TaskCompletionSource waiter, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException)
        {
            lock (_gate)
                _waiting.Remove(waiter, out _, out _);
            throw;
        }
    }
}

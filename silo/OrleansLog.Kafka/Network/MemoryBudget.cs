namespace OrleansLog.Kafka.Network;

/// <summary>A bound on bytes in memory. Who finds no room waits in line; one that is larger than the bound goes when it is alone.</summary>
/// <remarks>
/// Who takes in steps holds bytes while it waits for more. When all that is taken is held by those who wait, nothing would ever be given back: then
/// the one that holds the most goes on, above the bound, and gives its bytes back when it is done. It stays the one that holds the most, so the
/// bound is passed by one request at a time.
/// </remarks>
internal sealed class MemoryBudget(long limitBytes)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _usedBytes;
    private long _heldByWaitersBytes;
    private long _wantedBytes;

    /// <summary>Bytes that are taken.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return _usedBytes;
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Who has waited longest, to be told from the next one, and how many bytes all wait for together; null when nobody waits.</summary>
    public object? Oldest(out long wantedBytes)
    {
        lock (_gate)
        {
            wantedBytes = _wantedBytes;
            return _waiting.First?.Value;
        }
    }

    /// <summary>Takes bytes if that needs no wait, of oneself or of others.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || !HasRoom(bytes))
                return false;

            _usedBytes += bytes;
            return true;
        }
    }

    /// <summary>Takes bytes, now or when others have given theirs back.</summary>
    /// <param name="bytes">How many more.</param>
    /// <param name="heldBytes">What the caller has taken already and keeps while it waits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask TakeAsync(long bytes, long heldBytes, CancellationToken cancellationToken)
    {
        if (TryTake(bytes))
            return ValueTask.CompletedTask;

        var waiter = new Waiter(bytes, heldBytes);
        lock (_gate)
        {
            waiter.Place = _waiting.AddLast(waiter);
            _wantedBytes += bytes;
            _heldByWaitersBytes += heldBytes;
            Grant();
        }

        return new ValueTask(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes)
    {
        if (bytes == 0)
            return;

        lock (_gate)
        {
            _usedBytes -= bytes;
            Grant();
        }
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Granted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
        }
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place is not null)
                TakeOut(waiter);
            else
                _usedBytes -= waiter.Bytes;

            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First?.Value is { } first && HasRoom(first.Bytes))
            Grant(first);

        if (_waiting.Count > 0 && _heldByWaitersBytes == _usedBytes)
            Grant(_waiting.MaxBy(static waiter => waiter.HeldBytes)!);
    }

    private void Grant(Waiter waiter)
    {
        TakeOut(waiter);
        _usedBytes += waiter.Bytes;
        waiter.Granted.SetResult();
    }

    private void TakeOut(Waiter waiter)
    {
        _waiting.Remove(waiter.Place!);
        waiter.Place = null;
        _wantedBytes -= waiter.Bytes;
        _heldByWaitersBytes -= waiter.HeldBytes;
    }

    private bool HasRoom(long bytes) => _usedBytes == 0 || _usedBytes + bytes <= limitBytes;

    private sealed class Waiter(long bytes, long heldBytes)
    {
        public long Bytes { get; } = bytes;

        public long HeldBytes { get; } = heldBytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Its place in the line; null once it has left it.</summary>
        public LinkedListNode<Waiter>? Place { get; set; }
    }
}

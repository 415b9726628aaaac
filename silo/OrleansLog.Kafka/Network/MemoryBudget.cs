namespace OrleansLog.Kafka.Network;

/// <summary>A bound on bytes in memory. Who finds no room waits in line; one that is larger than the bound goes when it is alone.</summary>
internal sealed class MemoryBudget(long limitBytes)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _usedBytes;

    /// <summary>Bytes that are taken.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return _usedBytes;
        }
    }

    /// <summary>Takes bytes, now or when others have given theirs back.</summary>
    public ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter;
        lock (_gate)
        {
            if (_waiting.Count == 0 && HasRoom(bytes))
            {
                _usedBytes += bytes;
                return ValueTask.CompletedTask;
            }

            waiter = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
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

    private async Task WaitAsync(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Value.Granted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is not null)
                _waiting.Remove(waiter);
            else
                _usedBytes -= waiter.Value.Bytes;

            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && HasRoom(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            _usedBytes += first.Value.Bytes;
            first.Value.Granted.SetResult();
        }
    }

    private bool HasRoom(long bytes) => _usedBytes == 0 || _usedBytes + bytes <= limitBytes;
}

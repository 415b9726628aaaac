namespace OrleansLog.Client;

/// <summary>A fetch result that several partitions' buffers read from; its memory goes back with the last of them.</summary>
internal sealed class FetchLease(FetchResult result)
{
    private int _holders = 1;

    public FetchResult Result { get; } = result;

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            Result.Dispose();
    }
}

/// <summary>Whole batches of one partition, as one fetch brought them.</summary>
internal readonly record struct Chunk(FetchLease Lease, ReadOnlyMemory<byte> Batches);

/// <summary>A fetch that is under way. When nobody wants any part of its answer any more, its long poll ends. Under the consumer's lock.</summary>
internal sealed class OutstandingFetch(int partitions, CancellationToken closing) : IDisposable
{
    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(closing);
    private int _wanted = partitions;
    private bool _isOver;

    public CancellationToken Token => _cancel.Token;

    public void Drop()
    {
        if (--_wanted == 0 && !_isOver)
            _ = _cancel.CancelAsync();
    }

    public void Over() => _isOver = true;

    public void Dispose() => _cancel.Dispose();
}

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

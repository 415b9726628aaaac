using OrleansLog.Log;

namespace OrleansLog.Grains.Fetching;

/// <summary>The pooled memory of one fetch's records; goes back when the answer is disposed.</summary>
internal sealed class PooledReads(LogRead[] reads, FetchMemory memory, long bytes) : IDisposable
{
    private bool _isDisposed;

    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        foreach (var read in reads)
            read.Dispose();

        memory.Adjust(-bytes);
    }
}

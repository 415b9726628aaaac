using OrleansLog.Log;

namespace OrleansLog.Grains.Fetching;

/// <summary>The pooled memory of one fetch's records; goes back when the answer is disposed.</summary>
internal sealed class PooledReads(LogRead[] reads) : IDisposable
{
    public void Dispose()
    {
        foreach (var read in reads)
            read.Dispose();
    }
}

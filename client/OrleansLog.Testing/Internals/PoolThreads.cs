namespace OrleansLog.Testing.Internals;

/// <summary>The process's thread pool, which a broker shares with the tests.</summary>
internal static class PoolThreads
{
    /// <summary>The largest minimum that can be asked for.</summary>
    public const int Most = 1_000;

    private static readonly Lock Gate = new();

    /// <summary>Raises the pool's minimum to a number, within its maximum; never lowers it.</summary>
    public static void RaiseMinimum(int threads)
    {
        // Brokers start side by side: reading and writing are one step.
        lock (Gate)
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.GetMaxThreads(out var most, out _);
            threads = Math.Min(threads, most);
            if (threads > workers)
                ThreadPool.SetMinThreads(threads, completions);
        }
    }
}

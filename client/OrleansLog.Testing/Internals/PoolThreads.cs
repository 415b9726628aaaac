namespace OrleansLog.Testing.Internals;

/// <summary>The process's thread pool, which a broker shares with the tests.</summary>
internal static class PoolThreads
{
    /// <summary>The largest minimum that can be asked for.</summary>
    public const int Most = 1_000;

    private static readonly Lock Gate = new();

    /// <summary>Raises the pool's minimum as a test asks for it; never lowers it.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TestBrokerOptions.MinPoolThreads"/> is below 0 or above 1,000.</exception>
    public static void RaiseMinimum(TestBrokerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinPoolThreads, nameof(TestBrokerOptions.MinPoolThreads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MinPoolThreads, Most, nameof(TestBrokerOptions.MinPoolThreads));
        RaiseMinimum(options.MinPoolThreads);
    }

    /// <summary>Raises the pool's minimum to a number, within its maximum; never lowers it.</summary>
    private static void RaiseMinimum(int threads)
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

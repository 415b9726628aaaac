namespace OrleansLog.TestKit;

/// <summary>
/// Threads for calls that block, as Confluent.Kafka's do. The pool's few are the broker's, which runs in this process: blocked by clients that
/// wait for the broker, they let it stand still until the pool has grown.
/// </summary>
public static class OwnThread
{
    /// <summary>Runs a call that blocks; its result, or what it threw.</summary>
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync{T}(Func{T})"/>
    public static Task RunAsync(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

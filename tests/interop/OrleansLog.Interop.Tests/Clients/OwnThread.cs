namespace Interop.Tests.Clients;

/// <summary>
/// Threads for calls that block, as Confluent.Kafka's do. The pool's few are the broker's, which runs in this process: blocked by clients that
/// wait for the broker, they let it stand still until the pool has grown.
/// </summary>
internal static class OwnThread
{
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task RunAsync(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

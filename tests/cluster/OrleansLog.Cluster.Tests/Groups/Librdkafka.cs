namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>
/// The end of librdkafka's clients: destroying a group's consumer that saw its broker go away may never return (confluentinc/librdkafka
/// issue 4674). What hangs there is left to the end of the process.
/// </summary>
internal static class Librdkafka
{
    /// <summary>Longer than any end that comes at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Runs what blocks on a thread of its own: those of the pool are the SDK's members'.</summary>
    public static Task<T> OnItsOwnThread<T>(Func<T> blocking) =>
        Task.Factory.StartNew(blocking, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Destroys a client; returns also when that does not end.</summary>
    public static async Task DestroyAsync(IDisposable client) =>
        await Task.Factory.StartNew(client.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

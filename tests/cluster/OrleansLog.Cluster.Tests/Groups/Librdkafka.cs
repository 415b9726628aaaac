using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>
/// The end of librdkafka's clients: destroying a group's consumer that saw its broker go away may never return (confluentinc/librdkafka
/// issue 4674). What hangs there is left to the end of the process.
/// </summary>
internal static class Librdkafka
{
    /// <summary>Longer than any end that comes at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Destroys a client; returns also when that does not end.</summary>
    public static async Task DestroyAsync(IDisposable client) =>
        await OwnThread.RunAsync(client.Dispose).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

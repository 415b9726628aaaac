namespace OrleansLog.Client;

/// <summary>Waits between attempts: doubling, capped, with a fifth of jitter so that many clients do not come back at once.</summary>
internal static class Backoff
{
    public static int DelayMs(int attempt, int firstMs, int maxMs)
    {
        var delay = Math.Min(maxMs, firstMs * (double)(1L << Math.Min(attempt, 20)));
        return (int)(delay * (0.8 + (0.2 * Random.Shared.NextDouble())));
    }

    public static Task WaitAsync(int attempt, int firstMs, int maxMs, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(DelayMs(attempt, firstMs, maxMs)), time, cancellationToken);
}

using System.Diagnostics;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>Waiting for something that only other processes know when it happens.</summary>
internal static class Until
{
    /// <summary>Looks again and again; false when it did not come in time.</summary>
    public static Task<bool> ItIsAsync(Func<bool> condition, TimeSpan within) => ItIsAsync(() => Task.FromResult(condition()), within);

    /// <summary>The same for what has to be asked.</summary>
    public static async Task<bool> ItIsAsync(Func<Task<bool>> condition, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > within)
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }
}

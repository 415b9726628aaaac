using System.Diagnostics;

namespace Interop.Tests;

/// <summary>Another process can only be asked again; this is the time between, and the time after which it hangs.</summary>
internal static class Pause
{
    /// <summary>No machine is so busy: whatever takes longer hangs.</summary>
    public static readonly TimeSpan Hangs = TimeSpan.FromMinutes(3);

    public static async Task ShortAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        await timer.WaitForNextTickAsync();
    }

    /// <summary>Completes when something is so; fails when it hangs, and shows what is there instead.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, Func<Task<string>>? show = null)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > Hangs)
                throw new TimeoutException($"waited {Hangs.TotalSeconds} s until {what}: {(show is null ? "" : await show())}");

            await ShortAsync();
        }
    }
}

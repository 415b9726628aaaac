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
}

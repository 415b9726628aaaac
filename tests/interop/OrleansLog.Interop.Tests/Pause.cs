namespace Interop.Tests;

/// <summary>Another process can only be asked again; this is the time between.</summary>
internal static class Pause
{
    public static async Task ShortAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        await timer.WaitForNextTickAsync();
    }
}

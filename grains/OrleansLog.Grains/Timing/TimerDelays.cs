namespace OrleansLog.Grains.Timing;

/// <summary>Configured times as a timer of .NET takes them: it refuses what is longer than 49 days.</summary>
internal static class TimerDelays
{
    /// <summary>A delay or period of at least 1 ms; what is longer than 24 days becomes that, which is as good as never for what comes round.</summary>
    public static TimeSpan FromMs(long delayMs) => TimeSpan.FromMilliseconds(Math.Clamp(delayMs, 1, int.MaxValue));
}

namespace OrleansLog.Grains.Timing;

/// <summary>The clock that nobody sets.</summary>
internal static class MonotonicTime
{
    /// <summary>Milliseconds since some moment, the same one for all who share the provider.</summary>
    public static long MonotonicMs(this TimeProvider time) => (long)time.GetElapsedTime(0).TotalMilliseconds;
}

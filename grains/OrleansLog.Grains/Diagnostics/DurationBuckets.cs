using System.Diagnostics.Metrics;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>
/// Bucket bounds for durations in seconds, 10 microseconds to 10 seconds. Without advice a histogram has OpenTelemetry's default bounds,
/// which are meant for milliseconds: everything below 5 seconds would be in one bucket.
/// </summary>
public static class DurationBuckets
{
    /// <summary>The advice for a histogram whose unit is seconds.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries =
        [
            0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ],
    };
}

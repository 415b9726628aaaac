using System.Globalization;

namespace OrleansLog.TestKit;

/// <summary>What the machine's processors were to those who wanted them.</summary>
public static class Processors
{
    private const string Pressure = "/proc/pressure/cpu";

    /// <summary>
    /// How long, since the machine started, somebody was ready to run and had no processor (Linux' pressure stall information); zero where the system
    /// does not count it. A duration without it is at most what it is on a machine with nothing else to do.
    /// </summary>
    public static TimeSpan Contended()
    {
        const string Total = "total=";
        try
        {
            var some = File.ReadLines(Pressure).First();
            var at = some.IndexOf(Total, StringComparison.Ordinal) + Total.Length;
            return TimeSpan.FromMicroseconds(long.Parse(some.AsSpan(at), CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero;
        }
    }
}

using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>Points in time as people write them and as records carry them: milliseconds since the Unix epoch.</summary>
internal static class Timestamps
{
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>UTC with milliseconds, or the number itself where no calendar has it.</summary>
    public static string Format(long unixMs) => unixMs is >= -62_135_596_800_000 and <= 253_402_300_799_999
        ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString(Iso, CultureInfo.InvariantCulture)
        : unixMs.ToString(CultureInfo.InvariantCulture);

    /// <summary>ISO 8601; without a zone it is local time.</summary>
    public static bool TryParseIso(string text, out long unixMs)
    {
        var ok = DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time);
        unixMs = ok ? time.ToUnixTimeMilliseconds() : 0;
        return ok;
    }

    /// <summary>A length of time: 90s, 15m, 2h, 7d, 250ms.</summary>
    public static bool TryParseDuration(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var unitMs = text[digits..] switch { "ms" => 1L, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => 0 };
        if (unitMs == 0 || count > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond / unitMs)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(count * unitMs);
        return true;
    }
}

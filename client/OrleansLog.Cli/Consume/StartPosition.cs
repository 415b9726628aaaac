using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>Where reading begins.</summary>
internal enum StartKind
{
    /// <summary>At the log start offset.</summary>
    Beginning,

    /// <summary>Behind the last record.</summary>
    End,

    /// <summary>At an offset.</summary>
    Offset,

    /// <summary>At the last N records of each partition.</summary>
    Last,

    /// <summary>At the first record at or after a time.</summary>
    Timestamp,
}

/// <summary>A parsed <c>--from</c>.</summary>
/// <param name="Kind">Which way of saying it.</param>
/// <param name="Value">Offset, count, or milliseconds since the Unix epoch.</param>
internal readonly record struct StartPosition(StartKind Kind, long Value = 0)
{
    public const string Help =
        "beginning, end, an offset (42), the last N of each partition (-100), or a time: ISO 8601 (2026-11-23T14:00:00Z; without "
        + "a zone: local), unix milliseconds (1000000000000 and more), or how long ago (-15m, -2h, -1d); offset:N and time:MS say it plainly";

    /// <summary>Numbers from here on are milliseconds since 1970 (2001-09-09), below it they are offsets.</summary>
    public const long SmallestUnixMs = 1_000_000_000_000;

    public static bool TryParse(string text, DateTimeOffset now, out StartPosition position, out string? error)
    {
        error = null;
        StartPosition? parsed = text switch
        {
            "beginning" or "earliest" or "start" => new(StartKind.Beginning),
            "end" or "latest" => new(StartKind.End),
            ['-', ..] => ParseBack(text.AsSpan(1), now),
            _ when text.StartsWith("offset:", StringComparison.Ordinal) => Number(text.AsSpan(7)) is { } n ? new(StartKind.Offset, n) : null,
            _ when text.StartsWith("time:", StringComparison.Ordinal) => Number(text.AsSpan(5)) is { } n ? new(StartKind.Timestamp, n) : null,
            _ when Number(text) is { } n => new(n >= SmallestUnixMs ? StartKind.Timestamp : StartKind.Offset, n),
            _ when Timestamps.TryParseIso(text, out var ms) => new(StartKind.Timestamp, ms),
            _ => null,
        };
        position = parsed ?? default;
        error = parsed is null ? $"'{text}' is no position; write {Help}" : null;
        return parsed is not null;
    }

    private static StartPosition? ParseBack(ReadOnlySpan<char> text, DateTimeOffset now)
    {
        if (Number(text) is { } count)
        {
            return new StartPosition(StartKind.Last, count);
        }

        if (!Timestamps.TryParseDuration(text, out var ago))
        {
            return null;
        }

        var nowMs = now.ToUnixTimeMilliseconds();
        return new StartPosition(StartKind.Timestamp, Math.Max(0, nowMs - (long)Math.Min(ago.TotalMilliseconds, nowMs)));
    }

    private static long? Number(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Globalization;

namespace OrleansLog.Client;

/// <summary>Where a consumer starts to read a partition.</summary>
/// <example>
/// <code>
/// consumer.Seek(partition, StartAt.Offset(42));
/// consumer.Seek(partition, StartAt.Time(DateTimeOffset.UtcNow.AddHours(-1)));
/// </code>
/// </example>
public readonly record struct StartAt
{
    private StartAt(StartKind kind, long value) => (Kind, Argument) = (kind, value);

    internal StartKind Kind { get; }

    internal long Argument { get; }

    /// <summary>Epoch of the record before the offset, or null where it is not known.</summary>
    internal int? LeaderEpoch { get; private init; }

    /// <summary>Where <see cref="ConsumerOptions.AutoOffsetReset"/> says.</summary>
    public static StartAt Default => default;

    /// <summary>The first record that the partition still has.</summary>
    public static StartAt Beginning => new(StartKind.Beginning, 0);

    /// <summary>Behind the last readable record: only what comes from now on.</summary>
    public static StartAt End => new(StartKind.End, 0);

    /// <summary>
    /// That offset, or the next one that was not compacted away. One that lies outside of the partition goes by
    /// <see cref="ConsumerOptions.AutoOffsetReset"/>.
    /// </summary>
    public static StartAt Offset(long offset) => offset >= 0
        ? new(StartKind.Offset, offset)
        : throw new ArgumentOutOfRangeException(nameof(offset), offset, "Offsets count from 0; StartAt.Beginning and StartAt.End name the ends.");

    /// <summary>An offset that was committed, with the epoch of the record before it, or -1.</summary>
    internal static StartAt Committed(long offset, int leaderEpoch) => Offset(offset) with { LeaderEpoch = leaderEpoch < 0 ? null : leaderEpoch };

    /// <summary>That many records before the end, or the beginning where there are fewer.</summary>
    public static StartAt BeforeEnd(long records) => records >= 0
        ? new(StartKind.BeforeEnd, records)
        : throw new ArgumentOutOfRangeException(nameof(records), records, "The number of records before the end must not be negative.");

    /// <summary>The first record at or after a time; the end when there is none.</summary>
    public static StartAt Time(DateTimeOffset time) => TimestampMs(time.ToUnixTimeMilliseconds());

    /// <summary>The first record at or after a time in milliseconds since the Unix epoch; the end when there is none.</summary>
    public static StartAt TimestampMs(long timestampMs) => timestampMs >= 0
        ? new(StartKind.Timestamp, timestampMs)
        : throw new ArgumentOutOfRangeException(nameof(timestampMs), timestampMs, "Timestamps count milliseconds from the Unix epoch.");

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        StartKind.Offset => string.Create(CultureInfo.InvariantCulture, $"offset {Argument}"),
        StartKind.Timestamp => string.Create(CultureInfo.InvariantCulture, $"timestamp {Argument}"),
        StartKind.BeforeEnd => string.Create(CultureInfo.InvariantCulture, $"{Argument} before the end"),
        _ => Kind.ToString(),
    };
}

internal enum StartKind : byte
{
    Default,
    Beginning,
    End,
    Offset,
    Timestamp,
    BeforeEnd,
}

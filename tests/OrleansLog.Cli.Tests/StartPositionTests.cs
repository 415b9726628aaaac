namespace OrleansLog.Cli.Tests;

public class StartPositionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("beginning", nameof(StartKind.Beginning), 0)]
    [InlineData("end", nameof(StartKind.End), 0)]
    [InlineData("0", nameof(StartKind.Offset), 0)]
    [InlineData("42", nameof(StartKind.Offset), 42)]
    [InlineData("999999999999", nameof(StartKind.Offset), 999_999_999_999)]
    [InlineData("1000000000000", nameof(StartKind.Timestamp), 1_000_000_000_000)]
    [InlineData("offset:1000000000000", nameof(StartKind.Offset), 1_000_000_000_000)]
    [InlineData("time:5", nameof(StartKind.Timestamp), 5)]
    [InlineData("-100", nameof(StartKind.Last), 100)]
    [InlineData("-15m", nameof(StartKind.Timestamp), 1_795_434_300_000)]
    [InlineData("-1d", nameof(StartKind.Timestamp), 1_795_348_800_000)]
    [InlineData("2023-11-14T22:13:20Z", nameof(StartKind.Timestamp), 1_700_000_000_000)]
    [InlineData("2023-11-14T22:13:20.5Z", nameof(StartKind.Timestamp), 1_700_000_000_500)]
    [InlineData("2023-11-15T00:13:20+02:00", nameof(StartKind.Timestamp), 1_700_000_000_000)]
    [InlineData("2023-11-14 22:13:20Z", nameof(StartKind.Timestamp), 1_700_000_000_000)]
    public void A_position_is_read_as_it_is_written(string text, string kind, long value)
    {
        Assert.True(StartPosition.TryParse(text, Now, out var position, out var error), error);
        Assert.Equal(new StartPosition(Enum.Parse<StartKind>(kind), value), position);
    }

    [Fact]
    public void A_time_without_a_zone_is_local()
    {
        Assert.True(StartPosition.TryParse("2026-11-23", Now, out var position, out _));
        var midnight = new DateTimeOffset(new DateTime(2026, 11, 23, 0, 0, 0, DateTimeKind.Local));
        Assert.Equal(new StartPosition(StartKind.Timestamp, midnight.ToUnixTimeMilliseconds()), position);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("yesterday")]
    [InlineData("-15x")]
    [InlineData("--5")]
    [InlineData("1e3")]
    [InlineData("2026-13-01")]
    [InlineData("offset:-1")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_refused_and_the_ways_to_say_it_are_named(string text)
    {
        Assert.False(StartPosition.TryParse(text, Now, out _, out var error));
        Assert.Contains("beginning, end, an offset", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-62_135_596_800_000, "0001-01-01T00:00:00.000Z")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(-1, "1969-12-31T23:59:59.999Z")]
    public void A_timestamp_that_no_calendar_has_is_shown_as_its_number(long unixMs, string text) => Assert.Equal(text, Timestamps.Format(unixMs));
}

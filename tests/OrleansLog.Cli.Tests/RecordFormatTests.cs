using System.Text;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli.Tests;

public class RecordFormatTests
{
    [Theory]
    [InlineData(@"%v\n", "value\n")]
    [InlineData(@"%t %p %o %k %v %T\n", "orders 3 42 key value 1700000000123\n")]
    [InlineData("%D", "2023-11-14T22:13:20.123Z")]
    [InlineData("%K/%V", "3/5")]
    [InlineData("%h", "trace=abc,none=")]
    [InlineData(@"100%% \\ \x41\t\0\r", "100% \\ A\t\0\r")]
    [InlineData("%e", "5")]
    [InlineData("%k{hex} %v{base64} %h{hex}", "6b6579 dmFsdWU= trace=616263,none=")]
    [InlineData("{%k}%o{hex}%v{text}", "{key}42{hex}value{text}")]
    [InlineData("größe 😀 %v", "größe 😀 value")]
    public void Fields_and_escapes_are_filled_in(string format, string expected) => Assert.Equal(expected, Format(format));

    [Theory]
    [InlineData("%x", "unknown field at position 1")]
    [InlineData("%v%", "unknown field at position 3")]
    [InlineData(@"%v\q", "position 3")]
    [InlineData(@"\x4", "position 1")]
    [InlineData("", "empty")]
    public void A_wrong_format_is_refused_with_its_place(string format, string words)
    {
        Assert.False(RecordFormat.TryParse(format, "", out _, out var error));
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_shows_as_the_marker_and_empty_as_nothing()
    {
        Assert.Equal("[NULL][]", Format("[%k][%v]", "NULL", isKeyNull: true, value: []));
        Assert.Equal("-1 0", Format("%K %V", "NULL", isKeyNull: true, value: []));
    }

    [Fact]
    public void Bytes_that_are_no_text_pass_unchanged()
    {
        byte[] bytes = [0xff, 0x00, 0x0a, 0xc3];
        Assert.Equal(bytes, FormatBytes("%v", "", false, bytes, false));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3071)]
    [InlineData(3072)]
    [InlineData(100_001)]
    public void Bytes_of_any_number_are_shown_as_hex_and_base64(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        Assert.Equal(Convert.ToHexStringLower(bytes), Format("%v{hex}", value: bytes));
        Assert.Equal(Convert.ToBase64String(bytes), Format("%v{base64}", value: bytes));
        Assert.Equal("NULL", Format("%k{hex}", "NULL", isKeyNull: true));
    }

    [Theory]
    [InlineData(@"%v\n", "value")]
    [InlineData(@"%k:%v\n", "key:value")]
    [InlineData(@"%v\0", "value\0")]
    public void The_newline_of_a_marked_last_record_is_left_off(string format, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(FormatBytes(format, "", false, "value"u8.ToArray(), endsWithoutNewline: true)));

    [Fact]
    public void Values_larger_than_the_block_pass_through()
    {
        var large = new byte[1_000_000];
        new Random(1).NextBytes(large);
        Assert.Equal([.. large, (byte)'\n'], FormatBytes(@"%v\n", "", false, large, false));
    }

    private static string Format(string format, string nullText = "", bool isKeyNull = false, byte[]? value = null) =>
        Encoding.UTF8.GetString(FormatBytes(format, nullText, isKeyNull, value ?? "value"u8.ToArray(), false));

    private static byte[] FormatBytes(string format, string nullText, bool isKeyNull, byte[] value, bool endsWithoutNewline)
    {
        Assert.True(RecordFormat.TryParse(format, nullText, out var parsed, out var error), error);
        using var stream = new MemoryStream();
        using var output = new OutputBuffer(stream, 1024);
        parsed.Write(
            output,
            new RecordView
            {
                Topic = "orders",
                Partition = 3,
                Offset = 42,
                TimestampMs = 1_700_000_000_123,
                LeaderEpoch = 5,
                Key = "key"u8,
                IsKeyNull = isKeyNull,
                Value = value,
                IsValueNull = false,
                Headers = new RecordHeader[] { new("trace", "abc"u8.ToArray()), new("none") },
            },
            endsWithoutNewline);
        output.Flush();
        return stream.ToArray();
    }
}

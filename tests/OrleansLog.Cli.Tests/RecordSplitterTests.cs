using System.Text;
using CsCheck;

namespace OrleansLog.Cli.Tests;

public class RecordSplitterTests
{
    private const int Limit = 1000;

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a\nb\n", new[] { "a", "b" })]
    [InlineData("a\nb", new[] { "a", "b" })]
    [InlineData("\n\na\n\n", new[] { "", "", "a", "" })]
    [InlineData("a\r\nb\r\n", new[] { "a\r", "b\r" })]
    public void A_line_is_what_stands_before_each_newline(string input, string[] lines)
    {
        Assert.Equal(lines, Split(Encoding.UTF8.GetBytes(input), "\n"u8.ToArray(), out _).Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData("a\n", false)]
    [InlineData("a", true)]
    [InlineData("\n", false)]
    [InlineData("", false)]
    public void The_missing_newline_at_the_end_is_told(string input, bool isMissing)
    {
        _ = Split(Encoding.UTF8.GetBytes(input), "\n"u8.ToArray(), out var endedWithout);
        Assert.Equal(isMissing, endedWithout);
    }

    [Fact]
    public void Any_bytes_come_back_as_they_were_whatever_the_blocks_and_reads()
    {
        byte[][] delimiters = [[10], [0], [13, 10], [7, 7, 8]];
        Gen.Select(Gen.Byte[0, 13].Array[0, 300], Gen.Int[0, 3], Gen.Int[1, 40], Gen.Int[1, 50]).Sample((input, which, block, read) =>
        {
            var delimiter = delimiters[which];
            var records = Split(input, delimiter, out var endedWithout, block, read);
            var joined = new List<byte>();
            for (var i = 0; i < records.Count; i++)
            {
                joined.AddRange(records[i]);
                if (i < records.Count - 1 || !endedWithout)
                {
                    joined.AddRange(delimiter);
                }
            }

            return joined.SequenceEqual(input);
        });
    }

    [Fact]
    public void A_delimiter_that_lies_across_two_reads_is_found()
    {
        var records = Split("one--two--three"u8.ToArray(), "--"u8.ToArray(), out _, block: 4, read: 1);
        Assert.Equal(["one", "two", "three"], records.Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    [InlineData(Limit * 20, false)]
    public void A_record_of_the_limit_passes_and_one_byte_more_is_refused_with_its_line(int size, bool isAccepted)
    {
        byte[] input = [.. "first\n"u8, .. Enumerable.Repeat((byte)'x', size), .. "\nlast\n"u8];
        if (isAccepted)
        {
            Assert.Equal(size, Split(input, [10], out _)[1].Length);
            return;
        }

        var error = Assert.Throws<CliException>(() => Split(input, [10], out _));
        Assert.Equal(ExitCode.RecordTooLarge, error.ExitCode);
        Assert.StartsWith("line 2: record too large", error.Message, StringComparison.Ordinal);
    }

    private static List<byte[]> Split(byte[] input, byte[] delimiter, out bool endedWithout, int block = 64, int read = int.MaxValue)
    {
        using var stream = new DripStream(input, read);
        var splitter = new RecordSplitter(stream, delimiter, Limit, block);
        var records = new List<byte[]>();
        while (splitter.TryNext(out var record))
        {
            records.Add(record.ToArray());
        }

        Assert.Equal(records.Count, splitter.RecordNumber);
        Assert.Equal(input.Length, splitter.BytesRead);
        endedWithout = splitter.EndedWithoutDelimiter;
        return records;
    }

    /// <summary>Gives at most so many bytes at a time, as a pipe does.</summary>
    private sealed class DripStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);
    }
}

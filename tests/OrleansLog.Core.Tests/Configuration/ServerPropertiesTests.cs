using CsCheck;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Core.Tests.Configuration;

public class ServerPropertiesTests
{
    [Theory]
    [InlineData("a=1", "a", "1")]
    [InlineData("  a = 1", "a", "1")]
    [InlineData("a:1", "a", "1")]
    [InlineData("a 1", "a", "1")]
    [InlineData("a\t=\t1 ", "a", "1 ")]
    [InlineData("a", "a", "")]
    [InlineData("a=", "a", "")]
    [InlineData("a==1", "a", "=1")]
    [InlineData("a=x\\\n   y", "a", "xy")]
    [InlineData("a=x\\\\", "a", "x\\")]
    [InlineData("a=\\u0041\\t\\n\\:", "a", "A\t\n:")]
    [InlineData("a=C:\\\\data", "a", @"C:\data")]
    [InlineData("\uFEFFa=1\r\n", "a", "1")]
    [InlineData("a=last\\", "a", "last")]
    public void A_line_is_read_as_Java_reads_it(string text, string name, string value)
    {
        var setting = Assert.Single(ServerProperties.Parse(text).Settings);
        Assert.Equal((name, value), (setting.Name, setting.Value));
    }

    [Fact]
    public void Blank_lines_and_comments_do_not_count_and_lines_keep_their_numbers()
    {
        var file = ServerProperties.Parse("# a comment\n\n! another\n  a=1\\\n  2\nb=3", "my.properties");
        Assert.Equal(["my.properties line 4", "my.properties line 6"], file.Settings.Select(s => s.Origin));
    }

    [Fact]
    public void A_comment_line_is_not_continued() =>
        Assert.Equal("b", Assert.Single(ServerProperties.Parse("# a \\\nb=1").Settings).Name);

    [Fact]
    public void A_stray_character_behind_a_value_is_told_with_line_and_key()
    {
        var file = ServerProperties.Parse("num.partitions=3\nlog.roll.hours=168)");
        var error = Assert.Single(BrokerConfig.Parse(file.Settings).Errors);
        Assert.Equal("server.properties line 2: log.roll.hours=168) is not valid: expected an integer of hours from 1 to 2147483647", error.Message);
    }

    [Theory]
    [InlineData("=1")]
    [InlineData("what is (this)?=1\n)=2")]
    [InlineData("a=\\u00zz")]
    public void What_is_no_setting_is_told_with_its_line(string text) =>
        Assert.Contains("server.properties line", ServerProperties.Parse(text).Errors[0].Message);

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Gen.String[Gen.Char["ab.=: \t\\\n\r#!u0041"], 0, 60].Sample(text => ServerProperties.Parse(text) is not null);
}

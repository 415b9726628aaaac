namespace OrleansLog.Protocol.Tests;

public class TopicNamesTests
{
    [Theory]
    [InlineData("orders")]
    [InlineData("a.b_c-D9")]
    [InlineData("...")]
    [InlineData("__consumer_offsets")]
    public void Legal_names_pass(string name) => Assert.True(TopicNames.IsValid(name, out _));

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData(".", "directory")]
    [InlineData("..", "directory")]
    [InlineData("a/b", "'/' at position 1")]
    [InlineData("größe", "'ö' at position 2")]
    [InlineData("a b", "' ' at position 1")]
    [InlineData("a\n", "U+000A at position 1")]
    [InlineData("😀", "U+D83D at position 0")]
    public void Illegal_names_are_refused_with_a_reason(string? name, string reason)
    {
        Assert.False(TopicNames.IsValid(name, out string? said));
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_name_has_249_characters()
    {
        Assert.True(TopicNames.IsValid(new string('x', 249), out _));
        Assert.False(TopicNames.IsValid(new string('x', 250), out string? said));
        Assert.Contains("250", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b", "a_b", true)]
    [InlineData("a.b", "a.b", false)]
    [InlineData("a.b", "a-b", false)]
    [InlineData("a.b", "a.bc", false)]
    public void Dots_and_underscores_collide(string a, string b, bool collide) => Assert.Equal(collide, TopicNames.CollidesWith(a, b));
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Silo.Logging;

namespace OrleansLog.Hosting.Tests.Silo;

public class LineLoggerProviderTests
{
    private readonly StringWriter _output = new();

    [Fact]
    public void Lines_are_held_back_until_the_start_has_succeeded()
    {
        using var provider = Provider(holdsBack: true);
        provider.CreateLogger("Room").LogWarning("early");
        Assert.Equal("", _output.ToString());
        provider.Release();
        provider.CreateLogger("Room").LogWarning("late");
        Assert.Equal(["2026-01-02T03:04:05.000Z warn Room: early", "2026-01-02T03:04:05.000Z warn Room: late"], Lines());
    }

    [Fact]
    public void A_warning_has_its_exception_in_the_same_line()
    {
        using var provider = Provider(holdsBack: false);
        provider.CreateLogger("Room").LogWarning(new IOException("disk"), "no luck");
        Assert.Equal(["2026-01-02T03:04:05.000Z warn Room: no luck | IOException: disk"], Lines());
    }

    [Theory]
    [InlineData("Orleans.Runtime.Messaging", false, false)]
    [InlineData("Orleans.Runtime.Messaging", true, true)]
    [InlineData("OrleansLog.Grains.BrokerHost", false, true)]
    public void An_errors_stack_trace_is_told_where_it_is_ours_or_asked_for(string category, bool tracesAll, bool isTraced)
    {
        using var provider = Provider(holdsBack: false, tracesAll);
        provider.CreateLogger(category).LogError(Thrown(), "no luck");

        Assert.StartsWith($"2026-01-02T03:04:05.000Z error {category}: no luck | ", Lines()[0], StringComparison.Ordinal);
        Assert.Contains("IOException: the disk", Lines()[0], StringComparison.Ordinal);
        Assert.Equal(isTraced, Lines().Length > 1);
        Assert.Equal(isTraced, _output.ToString().Contains("   at ", StringComparison.Ordinal));
    }

    private static IOException Thrown()
    {
        try
        {
            throw new IOException("the disk\nis away");
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private LineLoggerProvider Provider(bool holdsBack, bool tracesAll = false) =>
        new(_output, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), holdsBack, tracesAll);

    private string[] Lines() => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}

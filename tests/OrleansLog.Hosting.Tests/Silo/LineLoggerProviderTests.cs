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

    private LineLoggerProvider Provider(bool holdsBack) =>
        new(_output, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), holdsBack);

    private string[] Lines() => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}

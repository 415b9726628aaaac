using Microsoft.Extensions.Logging;
using OrleansLog.Hosting.Health;

namespace OrleansLog.Hosting.Tests.Health;

public sealed class ReadinessLogTests : ILogger<ReadinessLog>
{
    private readonly List<string> _lines = [];

    [Fact]
    public void Probes_that_find_the_same_write_one_line()
    {
        var log = new ReadinessLog(this);
        foreach (var reason in new[] { null, null, "fenced", "fenced", "fenced", "opening", "opening", null, null, "fenced" })
            log.Tell(reason);

        Assert.Equal(
            ["Not ready for clients: fenced", "Not ready for clients: opening", "Ready for clients again", "Not ready for clients: fenced"], _lines);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));
}

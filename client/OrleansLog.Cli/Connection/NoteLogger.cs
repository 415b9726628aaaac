using Microsoft.Extensions.Logging;

namespace OrleansLog.Cli;

/// <summary>What the client waits for without an end goes to standard error as a note; all else that it logs is for programs.</summary>
internal sealed class NoteLogger(TextWriter error) : ILogger
{
    /// <summary>The client's event of a group that cannot be joined for long.</summary>
    private const int JoinTakesLong = 7016;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == JoinTakesLong)
            error.WriteLine($"note: {formatter(state, exception)}");
    }
}

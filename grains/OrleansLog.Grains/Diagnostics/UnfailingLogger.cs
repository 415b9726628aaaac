using Microsoft.Extensions.Logging;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>
/// An app's logger whose exceptions stay with it. The broker logs on threads of its own, above which there is only the end of the process,
/// and in the middle of appends; a logger that throws, as those of tests do after the test, is no reason for either to fail.
/// </summary>
internal sealed class UnfailingLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}

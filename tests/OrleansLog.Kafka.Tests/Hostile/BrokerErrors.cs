using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Keeps the errors that the broker logs: whatever a client sends, there may be none.</summary>
internal sealed class BrokerErrors : ILoggerProvider, ILogger
{
    private const int MostKept = 50;

    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>What was logged as an error, the first of it.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error && _errors.Count < MostKept)
            _errors.Enqueue($"{eventId.Id}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}

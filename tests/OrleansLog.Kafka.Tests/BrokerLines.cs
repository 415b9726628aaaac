using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Kafka.Tests;

/// <summary>Keeps what the broker logs, from a level on: the first lines of it, with their event ids.</summary>
internal sealed class BrokerLines(LogLevel lowest) : ILoggerProvider, ILogger
{
    private const int MostKept = 200;

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> All => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= lowest && _lines.Count < MostKept)
            _lines.Enqueue($"{eventId.Id}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}

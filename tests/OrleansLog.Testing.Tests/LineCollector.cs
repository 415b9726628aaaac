using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Testing.Tests;

/// <summary>Keeps log lines.</summary>
internal sealed class LineCollector : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> All { get; } = new();

    public bool IsDisposed { get; private set; }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        All.Enqueue(formatter(state, exception));

    public void Dispose() => IsDisposed = true;
}

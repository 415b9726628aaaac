using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.TestKit;

/// <summary>Keeps what is logged, from a level on: the first 2,000 lines of it, with their event ids.</summary>
public sealed class LogLines(LogLevel lowest) : ILoggerProvider, ILogger
{
    private const int MostKept = 2_000;

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<(string Part, TaskCompletionSource Said)> _awaited = new();

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyCollection<string> All => _lines;

    /// <summary>True when whoever logs to it has disposed of it.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Completes when a line with this in it was written, before or after.</summary>
    public Task SaysAsync(string part)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited.Enqueue((part, said));
        TellWaiting();
        return said.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= lowest && _lines.Count < MostKept)
            _lines.Enqueue($"{eventId.Id}: {formatter(state, exception)} {exception}");

        TellWaiting();
    }

    public void Dispose() => IsDisposed = true;

    private void TellWaiting()
    {
        foreach (var (part, said) in _awaited)
        {
            if (_lines.Any(line => line.Contains(part, StringComparison.Ordinal)))
                said.TrySetResult();
        }
    }
}

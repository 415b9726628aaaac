using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>Keeps what a broker logs.</summary>
internal sealed class BrokerLogRecord : ILogger<BrokerHost>
{
    private readonly ConcurrentQueue<(int Id, string Message)> _lines = new();

    /// <summary>The messages of one event id, oldest first.</summary>
    public string[] Of(int eventId) => [.. _lines.Where(line => line.Id == eventId).Select(line => line.Message)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception)));
}

using System.Text;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Silo.Logging;

/// <summary>
/// Log lines on stderr, one event a line. Until the start has succeeded they are held back: a failed start is told in one line of
/// its own, not in the traces of everyone it passed.
/// </summary>
internal sealed class LineLoggerProvider(TextWriter output, TimeProvider time, bool holdsBack) : ILoggerProvider
{
    private const int HeldMax = 200;

    private readonly Lock _gate = new();
    private readonly List<string> _held = [];
    private bool _isHolding = holdsBack;

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    /// <summary>The start has succeeded: writes what was held back, and everything from now on.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isHolding = false;
            _held.ForEach(output.WriteLine);
            _held.Clear();
        }
    }

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder()
            .Append(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture))
            .Append(' ').Append(Name(level)).Append(' ').Append(category).Append(": ").Append(message);
        if (exception is not null)
        {
            line.Append(level >= LogLevel.Error ? $" | {exception}" : $" | {exception.GetType().Name}: {exception.Message}");
        }

        lock (_gate)
        {
            if (!_isHolding)
            {
                output.WriteLine(line.ToString());
            }
            else if (_held.Count < HeldMax)
            {
                _held.Add(line.ToString());
            }
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), exception);
    }
}

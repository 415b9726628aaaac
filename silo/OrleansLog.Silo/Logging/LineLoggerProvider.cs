using System.Text;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Silo.Logging;

/// <summary>
/// Log lines on stderr, one event a line. Until the start has succeeded they are held back: a failed start is told in one line of
/// its own, not in the traces of everyone it passed.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="time">The time that they carry.</param>
/// <param name="holdsBack">Whether the start is still to succeed.</param>
/// <param name="tracesAll">Whether errors of others than the broker carry their stack traces, too: with a silo that dies, Orleans writes dozens.</param>
internal sealed class LineLoggerProvider(TextWriter output, TimeProvider time, bool holdsBack, bool tracesAll) : ILoggerProvider
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
            var isTraced = level >= LogLevel.Error && (tracesAll || category.StartsWith("OrleansLog", StringComparison.Ordinal));
            line.Append(" | ").Append(isTraced ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
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

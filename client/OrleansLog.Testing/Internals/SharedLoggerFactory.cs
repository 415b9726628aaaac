using Microsoft.Extensions.Logging;

namespace OrleansLog.Testing.Internals;

/// <summary>The caller's logger factory, which outlives the broker.</summary>
internal sealed class SharedLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => inner.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
    }
}

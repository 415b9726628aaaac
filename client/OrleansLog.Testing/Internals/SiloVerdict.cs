using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansLog.Testing.Internals;

/// <summary>
/// Hears that a silo cannot go on, above all that the others have taken it for dead. Orleans would end the process, which here is the test's: so only
/// the broker ends.
/// </summary>
internal sealed partial class SiloVerdict(ILogger<SiloVerdict> logger) : IFatalErrorHandler
{
    private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it has been heard.</summary>
    public Task Heard => _heard.Task;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogFatal(logger, context, exception);
        _heard.TrySetResult();
    }

    [LoggerMessage(1800, LogLevel.Critical, "The silo of this test broker cannot go on, and the broker ends: {Reason}")]
    private static partial void LogFatal(ILogger logger, string? reason, Exception? exception);
}

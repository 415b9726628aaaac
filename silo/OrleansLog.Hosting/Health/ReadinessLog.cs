using Microsoft.Extensions.Logging;

namespace OrleansLog.Hosting.Health;

/// <summary>Writes what probes of readiness are told, when it is another answer than the last one: they come every few seconds.</summary>
internal sealed partial class ReadinessLog(ILogger<ReadinessLog> logger)
{
    private readonly Lock _gate = new();
    private string? _told;

    /// <summary>A probe was told why the broker is not ready, or with null that it is.</summary>
    public void Tell(string? reason)
    {
        lock (_gate)
        {
            if (reason == _told)
                return;

            _told = reason;
        }

        if (reason is null)
            LogReady();
        else
            LogNotReady(reason);
    }

    [LoggerMessage(1010, LogLevel.Warning, "Not ready for clients: {Reason}")]
    private partial void LogNotReady(string reason);

    [LoggerMessage(1011, LogLevel.Warning, "Ready for clients again")]
    private partial void LogReady();
}

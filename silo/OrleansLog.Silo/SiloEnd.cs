using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansLog.Silo;

/// <summary>
/// Ends the process when its silo cannot go on, in a line that says what to do. Orleans' own way is a crash with a dump, also where nothing is wrong: the usual
/// reason is that the others took this silo for dead, because it was paused, starved or cut off, and a silo that was cannot come back. Its logs need no
/// goodbye: they are opened again as after kill -9.
/// </summary>
/// <param name="logger">Where the line goes.</param>
/// <param name="exit">How the process ends.</param>
internal sealed partial class SiloEnd(ILogger<SiloEnd> logger, Action<int> exit) : IFatalErrorHandler
{
    /// <summary>What Orleans says first where the others took this silo for dead.</summary>
    private const string TakenForDead = "I have been told I am dead";

    private int _ended;

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        // Whoever notices next has nothing to add, and must not end it with another code.
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;

        if (context?.StartsWith(TakenForDead, StringComparison.Ordinal) == true)
        {
            LogTakenForDead();
            exit(ExitCode.TakenForDead);
            return;
        }

        LogFailed(context, exception);
        exit(ExitCode.Failed);
    }

    [LoggerMessage(1700, LogLevel.Critical, "The other silos took this one for dead while they did not hear it (paused, starved of CPU, or cut off): it ends with exit code 3. Start it again, as a service manager does; nothing is lost")]
    private partial void LogTakenForDead();

    [LoggerMessage(1701, LogLevel.Critical, "The silo cannot go on, and the process ends with exit code 1: {Reason}")]
    private partial void LogFailed(string? reason, Exception? exception);
}

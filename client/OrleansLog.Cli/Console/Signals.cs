using System.Runtime.InteropServices;

namespace OrleansLog.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to finish what is under way and gives it ten seconds, a second ends the process.
/// </summary>
internal sealed class Signals : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _patience;
    private int _exitCode;

    public Signals()
    {
        _patience = new Timer(_ => Environment.Exit(_exitCode));
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
    }

    public CancellationToken Token => _cancellation.Token;

    /// <summary>What a command that was ended by a signal answers.</summary>
    public ExitCode ExitCode => (ExitCode)Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _patience.Dispose();
        _cancellation.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        var code = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        if (Interlocked.CompareExchange(ref _exitCode, (int)code, 0) == 0)
        {
            context.Cancel = true;
            _ = _patience.Change(Patience, Timeout.InfiniteTimeSpan);
            _cancellation.Cancel();
        }
        else
        {
            Environment.Exit((int)code);
        }
    }
}

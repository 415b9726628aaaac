using System.Runtime.InteropServices;

namespace OrleansLog.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to finish what is under way, a second Ctrl-C ends the process at once.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
    ];

    public CancellationToken Token => _cancellation.Token;

    /// <summary>What a command that was ended by a signal answers.</summary>
    public ExitCode ExitCode => (ExitCode)Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _cancellation.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        var code = context.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        if (Interlocked.CompareExchange(ref _exitCode, (int)code, 0) == 0)
        {
            context.Cancel = true;
            _cancellation.Cancel();
        }
        else
        {
            Environment.Exit((int)code);
        }
    }
}

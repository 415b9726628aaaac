namespace OrleansLog.TestKit.Processes;

/// <summary>The built silo as a real process: started until it says that it is ready, stopped by signal or by force.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private const string ReadyMarker = "is ready after";

    private readonly ChildProcess _process;

    private SiloProcess(ChildProcess process, SiloLaunch launch) => (_process, Launched) = (process, launch);

    public SiloLaunch Launched { get; }

    public string Gateway => Launched.Gateway;

    public int Id => _process.Id;

    public string Output => _process.Output;

    /// <summary>Starts it and comes back when clients can connect.</summary>
    public static async Task<SiloProcess> StartAsync(SiloLaunch launch)
    {
        var silo = Begin(launch);
        try
        {
            await silo.WaitUntilReadyAsync();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it and does not wait: for those that are to be refused, or killed on the way.</summary>
    public static SiloProcess Begin(SiloLaunch launch)
    {
        var command = launch.Command();
        return new(ChildProcess.Start(command[0], command[1..]), launch);
    }

    /// <summary>Runs one that is expected to refuse; its exit code and what it printed.</summary>
    public static async Task<CommandResult> RunRefusedAsync(SiloLaunch launch, string? workingDirectory = null)
    {
        var command = launch.Command();
        return await ChildProcess.RunAsync(command[0], command[1..], workingDirectory);
    }

    public Task WaitUntilReadyAsync() => WaitForLineAsync(ReadyMarker);

    public Task<string> WaitForLineAsync(string part) =>
        _process.WaitForLineAsync(line => line.Contains(part, StringComparison.OrdinalIgnoreCase));

    public Task<string> WaitForLineAsync(Func<string, bool> matches) => _process.WaitForLineAsync(matches);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM, as a service manager does; the exit code.</summary>
    public Task<int> TerminateAsync() => _process.TerminateAsync();

    /// <summary>SIGINT, as Ctrl-C does; the exit code.</summary>
    public Task<int> InterruptAsync()
    {
        Signals.Send(Id, Signals.Interrupt);
        return _process.WaitForExitAsync();
    }

    /// <summary>Completes when it has ended; its exit code.</summary>
    public Task<int> ExitedAsync() => _process.WaitForExitAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

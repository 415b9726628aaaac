using System.Diagnostics;
using System.Text;

namespace OrleansLog.TestKit.Processes;

/// <summary>A real process under test: its lines, its signals, its exit code. Disposing kills what is left of it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly object _gate = new();
    private readonly List<string> _lines = [];
    private readonly StringBuilder _standardError = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiters = [];

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything printed so far on both streams, in the order it arrived.</summary>
    public string Output
    {
        get { lock (_gate) { return string.Join('\n', _lines); } }
    }

    public string StandardError
    {
        get { lock (_gate) { return _standardError.ToString(); } }
    }

    public static ChildProcess Start(string file, IEnumerable<string> arguments, string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null, bool keepsInput = false)
    {
        // Started from a job in the background, we ignore SIGINT, and so would the child: Ctrl-C would be lost on it.
        string[] restored = Signals.InterruptIsIgnored ? ["--default-signal=INT", "--", file] : [];
        var start = new ProcessStartInfo(restored.Length > 0 ? "env" : file, [.. restored, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        child._process.OutputDataReceived += (_, line) => child.Received(line.Data, isError: false);
        child._process.ErrorDataReceived += (_, line) => child.Received(line.Data, isError: true);
        child._process.Exited += (_, _) => _ = child.TellOfTheEndAsync();
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        if (!keepsInput)
            child._process.StandardInput.Close();

        return child;
    }

    /// <summary>Writes a line to its standard input, where that was kept open.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The first line, past or to come, that matches. Throws with the whole output when the process ends first.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches, TimeSpan? within = null)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lines.Find(line => matches(line)) is { } already)
            {
                return already;
            }

            _waiters.Add((matches, found));
        }

        if (_process.HasExited)
        {
            _ = TellOfTheEndAsync();
        }

        try
        {
            return await found.Task.WaitAsync(within ?? LongEnough);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The awaited line did not come. Output:\n{Output}");
        }
    }

    /// <summary>Waits for the end, and for the last line of output.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? within = null)
    {
        using var timeout = new CancellationTokenSource(within ?? LongEnough);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} is still running. Output:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>kill -9, and no child survives it.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForExitAsync();
    }

    /// <summary>SIGTERM; the exit code of what follows.</summary>
    public Task<int> TerminateAsync(TimeSpan? within = null)
    {
        Signals.Send(Id, Signals.Terminate);
        return WaitForExitAsync(within);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<CommandResult> RunAsync(string file, IEnumerable<string> arguments, string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? within = null)
    {
        await using var child = Start(file, arguments, workingDirectory, environment);
        var code = await child.WaitForExitAsync(within);
        return new CommandResult(code, child.Output, child.StandardError);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Received(string? line, bool isError)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add(line);
            if (isError)
            {
                _standardError.Append(line).Append('\n');
            }

            _waiters.RemoveAll(waiter => waiter.Matches(line) && waiter.Found.TrySetResult(line));
        }
    }

    private async Task TellOfTheEndAsync()
    {
        // The streams may still hold lines: they are read to their end before it is said that the line never came.
        await _process.WaitForExitAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            foreach (var (_, found) in _waiters)
            {
                found.TrySetException(new InvalidOperationException(
                    $"The process ended with exit code {_process.ExitCode} before the awaited line. Output:\n{string.Join('\n', _lines)}"));
            }

            _waiters.Clear();
        }
    }
}

/// <summary>What a finished command left behind; <see cref="Output"/> holds both streams.</summary>
public sealed record CommandResult(int ExitCode, string Output, string StandardError)
{
    public CommandResult MustSucceed() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"Exit code {ExitCode}. Output:\n{Output}");
}

namespace OrleansLog.TestKit.Processes;

/// <summary>Makes system calls of a running process fail or take long, or counts them, by strace on its threads.</summary>
public static class Strace
{
    /// <summary>Null where injection works here, else why not.</summary>
    public static string? Unavailable { get; } = Try();

    /// <summary>
    /// Attaches and comes back when every thread is held. From then on each of <paramref name="calls"/> that touches one of
    /// <paramref name="paths"/> answers <paramref name="error"/> without being carried out. Disposing detaches.
    /// </summary>
    public static Task<ChildProcess> FailAsync(int processId, string calls, string error, params IEnumerable<string> paths) =>
        InjectAsync(processId, calls, $"error={error}", paths);

    /// <summary>The same, but each of <paramref name="calls"/> is carried out only after <paramref name="delay"/>, wherever it goes.</summary>
    public static Task<ChildProcess> DelayAsync(int processId, string calls, TimeSpan delay) =>
        InjectAsync(processId, calls, $"delay_enter={(long)delay.TotalMicroseconds}", []);

    /// <summary>The <paramref name="calls"/> that threads of a process with one of some names, as the system has them, make while something runs; a line for each.</summary>
    public static async Task<string[]> CallsAsync(int processId, IReadOnlyCollection<string> threads, string calls, Func<Task> run)
    {
        var ids = Directory.GetDirectories($"/proc/{processId}/task")
            .Where(task => threads.Any(name => File.ReadAllText(Path.Combine(task, "comm")).StartsWith(name, StringComparison.Ordinal)))
            .Select(task => Path.GetFileName(task)!).ToArray();
        await using var strace = ChildProcess.Start("strace", ["-e", $"trace={calls}", "-e", "signal=none", .. ids.SelectMany(static id => new[] { "-p", id })]);
        foreach (var id in ids)
            await strace.WaitForLineAsync(line => line.Contains($"Process {id} attached", StringComparison.Ordinal));

        await run();
        Signals.Send(strace.Id, Signals.Interrupt);
        await strace.WaitForExitAsync();
        return [.. strace.Output.Split('\n').Where(line => line.Contains('(', StringComparison.Ordinal) && !line.Contains("resumed>", StringComparison.Ordinal))];
    }

    private static async Task<ChildProcess> InjectAsync(int processId, string calls, string fault, IEnumerable<string> paths)
    {
        string[] options = ["-f", "-p", $"{processId}", "-e", $"trace={calls}", "-e", $"inject={calls}:{fault}"];
        var strace = ChildProcess.Start("strace", options.Concat(paths.SelectMany(path => new[] { "-P", path })));
        await strace.WaitForLineAsync(line => line.Contains("attached", StringComparison.Ordinal));
        return strace;
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "strace runs on Linux only";
        }

        try
        {
            var result = ChildProcess.RunAsync("strace", ["-e", "trace=none", "true"]).GetAwaiter().GetResult();
            return result.ExitCode == 0 ? null : $"strace may not trace here: {result.StandardError.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed (tests/run installs it where it may)";
        }
    }
}

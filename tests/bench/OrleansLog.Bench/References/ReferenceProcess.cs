using System.Diagnostics;
using System.Globalization;

namespace OrleansLog.Bench.References;

/// <summary>A bare server in a process of its own, so that its processor time can be told from the client's.</summary>
internal sealed class ReferenceProcess : IDisposable
{
    private readonly Process _process;

    private ReferenceProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    public static ReferenceProcess Start(string kind, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(ReferenceProcess).Assembly.Location, ReferenceServer.Verb, kind, .. arguments])
            start.ArgumentList.Add(argument);

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("port ", StringComparison.Ordinal))
                return new ReferenceProcess(process, int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture));
        }

        throw new InvalidOperationException($"the reference {kind} ended before it listened");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

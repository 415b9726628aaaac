using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>A published silo, ours or the bare one, in a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string? _data;

    private SiloProcess(Process process, int gatewayPort, string? data, long startedAt)
    {
        _process = process;
        GatewayPort = gatewayPort;
        _data = data;
        StartedAt = startedAt;
    }

    public int GatewayPort { get; }

    /// <summary>Where its Kafka listener is; ours only.</summary>
    public string KafkaAddress => $"127.0.0.1:{Text(GatewayPort + 1)}";

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Stopwatch timestamp of the start.</summary>
    public long StartedAt { get; }

    /// <summary>Starts ours; <paramref name="settings"/> are of the form <c>key=value</c>.</summary>
    public static SiloProcess StartOurs(string published, int port, params string[] settings)
    {
        var data = Path.Combine(Path.GetTempPath(), "olog-bench-silo-" + Guid.NewGuid().ToString("N"));
        string[] all = ["log.segment.delete.delay.ms=0", $"listeners=PLAINTEXT://127.0.0.1:{Text(port + 2)}", .. settings];
        return Start(Path.Combine(published, "OrleansLog.Silo.dll"), port, data,
            ["--silo-port", Text(port), "--gateway-port", Text(port + 1), "--data", data, .. all.SelectMany(setting => (string[])["-c", setting])]);
    }

    public static SiloProcess StartBare(string published, int port) =>
        Start(Path.Combine(published, "OrleansLog.BareSilo.dll"), port, null, Text(port), Text(port + 1));

    public async Task WaitForGatewayAsync()
    {
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", GatewayPort);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await Task.Delay(5);
            }
        }
    }

    public async Task<ILogClient> ConnectAsync()
    {
        await WaitForGatewayAsync();
        return await LogClient.ConnectAsync(new LogClientOptions { Gateways = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{GatewayPort}")] });
    }

    /// <summary>Resident memory in MB, as the system counts it.</summary>
    public double ResidentMb()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1e6;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_data is not null) Directory.Delete(_data, recursive: true);
    }

    private static SiloProcess Start(string assembly, int port, string? data, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var startedAt = Stopwatch.GetTimestamp();
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data is { Length: > 0 }) Console.Error.WriteLine("    silo: " + line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new SiloProcess(process, port + 1, data, startedAt);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>A published silo, ours or the bare one, in a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly int _gatewayPort;
    private readonly int _kafkaPort;
    private readonly string? _data;
    private bool _keepsData;

    private SiloProcess(Process process, int gatewayPort, int kafkaPort, string? data, long startedAt)
    {
        _process = process;
        _gatewayPort = gatewayPort;
        _kafkaPort = kafkaPort;
        _data = data;
        StartedAt = startedAt;
    }

    /// <summary>Where its Kafka listener is; ours only.</summary>
    public string KafkaAddress => $"127.0.0.1:{Text(_kafkaPort)}";

    /// <summary>Where its data is; ours only.</summary>
    public string DataDirectory => _data ?? throw new InvalidOperationException("the bare silo has no data");

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Stopwatch timestamp of the start.</summary>
    public long StartedAt { get; }

    /// <summary>Starts ours; <paramref name="settings"/> are of the form <c>key=value</c>.</summary>
    public static SiloProcess StartOurs(string published, params string[] settings) =>
        StartOurs(published, Path.Combine(Path.GetTempPath(), "olog-bench-silo-" + Guid.NewGuid().ToString("N")), settings);

    private static SiloProcess StartOurs(string published, string data, string[] settings)
    {
        var (silo, gateway, kafka) = (Ports.Take(), Ports.Take(), Ports.Take());
        string[] all = ["log.segment.delete.delay.ms=0", $"listeners=PLAINTEXT://127.0.0.1:{Text(kafka)}", .. settings];
        return Start(Path.Combine(published, "OrleansLog.Silo.dll"), gateway, kafka, data,
            ["--silo-port", Text(silo), "--gateway-port", Text(gateway), "--data", data, .. all.SelectMany(setting => (string[])["-c", setting])]);
    }

    public static SiloProcess StartBare(string published)
    {
        var (silo, gateway) = (Ports.Take(), Ports.Take());
        return Start(Path.Combine(published, "OrleansLog.BareSilo.dll"), gateway, kafkaPort: 0, null, Text(silo), Text(gateway));
    }

    public async Task WaitForGatewayAsync()
    {
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", _gatewayPort);
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
        return await LogClient.ConnectAsync(new LogClientOptions { Gateways = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_gatewayPort}")] });
    }

    /// <summary>Resident memory in MB, as the system counts it.</summary>
    public double ResidentMb()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1e6;
    }

    /// <summary>Asks it to stop, waits until it has, and starts ours anew over its data; this one is only to be disposed then.</summary>
    public async Task<SiloProcess> StartAgainAsync(string published, params string[] settings)
    {
        await StopAsync();
        return StartOver(published, settings);
    }

    /// <summary>Starts ours anew over the data of this one, which has ended and is only to be disposed.</summary>
    public SiloProcess StartOver(string published, params string[] settings)
    {
        _keepsData = true;
        return StartOurs(published, _data!, settings);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    /// <summary>Completes when it has ended.</summary>
    public Task ExitedAsync() => _process.WaitForExitAsync();

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        if (Libc.Kill(_process.Id, Libc.Sigterm) != 0)
            throw new InvalidOperationException("the silo is gone already");

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_data is not null && !_keepsData) Directory.Delete(_data, recursive: true);
    }

    private static SiloProcess Start(string assembly, int gatewayPort, int kafkaPort, string? data, params string[] arguments)
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
        return new SiloProcess(process, gatewayPort, kafkaPort, data, startedAt);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

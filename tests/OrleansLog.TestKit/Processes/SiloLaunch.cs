namespace OrleansLog.TestKit.Processes;

/// <summary>How to start a silo's executable. Ports are free ones; the same launch started again is the same broker.</summary>
public sealed record SiloLaunch
{
    private const string Loopback = "127.0.0.1";

    private readonly int[] _ports = FreePorts.Take(3);

    public SiloLaunch(params string[] dataDirectories) => DataDirectories = dataDirectories;

    public int NodeId { get; init; } = 1;

    public IReadOnlyList<string> DataDirectories { get; init; }

    /// <summary>Configuration keys, as <c>-c key=value</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>A server.properties file, or null.</summary>
    public string? Properties { get; init; }

    /// <summary>Files and sockets that it may have open, the hard limit too; null for what this process may.</summary>
    public int? MaxHandles { get; init; }

    /// <summary>Least level of its log lines; information shows what it does on the way up.</summary>
    public string LogLevel { get; init; } = "Warning";

    /// <summary>Where it listens, with all its ports.</summary>
    public string Address { get; init; } = Loopback;

    /// <summary>The network namespace that it runs in (<see cref="PrivateNetwork.NamespaceOf"/>); null for this process's own.</summary>
    public string? Namespace { get; init; }

    public int SiloPort => _ports[0];

    public int GatewayPort => _ports[1];

    public int KafkaPort => _ports[2];

    /// <summary>The Kafka listener, unless the settings have another.</summary>
    public string BootstrapServers => $"{Address}:{KafkaPort}";

    public string Gateway => $"{Address}:{GatewayPort}";

    /// <summary>The program and its arguments; whatever stands before <c>dotnet</c> becomes it, so that signals to the process reach the silo.</summary>
    internal string[] Command()
    {
        string[] limit = MaxHandles is { } most ? ["bash", "-c", $"ulimit -n {most} && exec \"$@\"", "bash"] : [];
        string[] place = Namespace is null ? [] : ["ip", "netns", "exec", Namespace];
        return [.. limit, .. place, "dotnet", .. Arguments()];
    }

    private IEnumerable<string> Arguments()
    {
        yield return Repository.Built("silo/OrleansLog.Silo", "OrleansLog.Silo.dll");
        string[] options =
        [
            "--node-id", $"{NodeId}", "--silo-port", $"{SiloPort}", "--gateway-port", $"{GatewayPort}", "--log-level", LogLevel,
            "-c", $"listeners=PLAINTEXT://{BootstrapServers}",
        ];
        foreach (var option in options)
        {
            yield return option;
        }

        foreach (var option in DataDirectories.SelectMany(directory => new[] { "--data", directory })
            .Concat(Address == Loopback ? [] : ["-c", $"orleanslog.listen.address={Address}"])
            .Concat(Properties is null ? [] : ["--properties", Properties])
            .Concat(Settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })))
        {
            yield return option;
        }
    }
}

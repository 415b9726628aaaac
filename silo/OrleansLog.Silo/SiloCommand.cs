using System.CommandLine;
using System.CommandLine.Help;
using Microsoft.Extensions.Logging;

namespace OrleansLog.Silo;

/// <summary>The command line.</summary>
internal sealed class SiloCommand
{
    private readonly Option<int?> _nodeId = new("--node-id") { Description = "The broker's number, the same after every restart (node.id; default 1)", HelpName = "ID" };

    private readonly Option<string[]> _data = new("--data")
    {
        Description = "A directory for the data; repeat it for several disks (log.dirs; default ./data)",
        HelpName = "DIR",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int?> _siloPort = new("--silo-port") { Description = "Port for other silos (orleanslog.silo.port; default 11111)", HelpName = "PORT" };

    private readonly Option<int?> _gatewayPort = new("--gateway-port")
    {
        Description = "Port for the SDK and olog (orleanslog.gateway.port; default 30000)",
        HelpName = "PORT",
    };

    private readonly Option<string?> _http = new("--http")
    {
        Description = "Serve /metrics, /healthz/live, /healthz/ready and a summary at / (orleanslog.http.address; default off)",
        HelpName = "ADDRESS:PORT",
    };

    private readonly Option<string[]> _properties = new("--properties")
    {
        Description = "A file in the format of Kafka's server.properties",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _config = new("-c", "--config")
    {
        Description = "Any key, such as log.retention.hours=24; repeatable",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = "Least level of log lines on stderr",
        DefaultValueFactory = _ => LogLevel.Warning,
    };

    private readonly RootCommand _root;

    public SiloCommand() => _root = new RootCommand(
        "An OrleansLog broker. Settings, weakest first: appsettings.json, --properties, environment variables, options and -c. "
        + "docs/reference/configuration.md has all keys.")
    {
        _nodeId, _data, _siloPort, _gatewayPort, _http, _properties, _config, _logLevel,
    };

    /// <summary>Reads the arguments; an exit code instead when there is nothing to start.</summary>
    public (SiloArguments? Arguments, int ExitCode) Read(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = _root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            error.WriteLine("orleanslog: " + string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.'))) + " (--help shows the options)");
            return (null, ExitCode.Usage);
        }

        // Help and version are actions of the library; without them there is none.
        if (parsed.Action is not null)
        {
            return (null, parsed.Invoke(new InvocationConfiguration { Output = output, Error = error }));
        }

        return (
            new SiloArguments(parsed.GetValue(_properties) ?? [], parsed.GetValue(_config) ?? [], parsed.GetValue(_logLevel))
            {
                NodeId = parsed.GetValue(_nodeId),
                DataDirectories = parsed.GetValue(_data) ?? [],
                SiloPort = parsed.GetValue(_siloPort),
                GatewayPort = parsed.GetValue(_gatewayPort),
                HttpAddress = parsed.GetValue(_http),
            },
            ExitCode.Ok);
    }
}

/// <summary>What the command line says.</summary>
internal sealed record SiloArguments(IReadOnlyList<string> PropertiesFiles, IReadOnlyList<string> Settings, LogLevel LogLevel)
{
    public int? NodeId { get; init; }

    public IReadOnlyList<string> DataDirectories { get; init; } = [];

    public int? SiloPort { get; init; }

    public int? GatewayPort { get; init; }

    public string? HttpAddress { get; init; }
}

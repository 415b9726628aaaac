using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrleansLog.Cli;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> BootstrapServer { get; } = new("--bootstrap-server")
    {
        Description = $"Brokers to begin with. Default: ${AddressList.BrokerVariable}, or {AddressList.DefaultBroker}",
        HelpName = "HOST:PORT[,...]",
        Recursive = true,
    };

    public Option<string?> Gateway { get; } = new("--gateway", "-g")
    {
        Description = $"Orleans gateways to connect through, instead of Kafka's protocol. Default: ${AddressList.GatewayVariable}",
        HelpName = "HOST:PORT[,...]",
        Recursive = true,
    };

    public Option<string> Output { get; } = new("--output", "-o")
    {
        Description = "How to answer: text, or json (one document; JSON lines for streams)",
        HelpName = "text|json",
        DefaultValueFactory = _ => "text",
        Recursive = true,
    };

    public Option<string> ClusterId { get; } = new("--cluster-id")
    {
        Description = "Orleans' cluster id, with --gateway",
        HelpName = "ID",
        DefaultValueFactory = _ => "orleanslog",
        Recursive = true,
    };

    public Option<string> ServiceId { get; } = new("--service-id")
    {
        Description = "Orleans' service id, with --gateway",
        HelpName = "ID",
        DefaultValueFactory = _ => "orleanslog",
        Recursive = true,
    };

    public Option<string> ConnectTimeout { get; } = new("--connect-timeout")
    {
        Description = "How long to try to connect",
        HelpName = "TIME",
        DefaultValueFactory = _ => "10s",
        Recursive = true,
    };

    public Option<string> RequestTimeout { get; } = new("--request-timeout")
    {
        Description = "How long to wait for an answer",
        HelpName = "TIME",
        DefaultValueFactory = _ => "30s",
        Recursive = true,
    };

    public GlobalOptions()
    {
        Output.TakeOneOf(["text", "json"]);
        BootstrapServer.Validators.Add(result => Check(result, CheckAddresses));
        Gateway.Validators.Add(result => Check(result, CheckAddresses));
        ConnectTimeout.Validators.Add(result => Check(result, CheckDuration));
        RequestTimeout.Validators.Add(result => Check(result, CheckDuration));
    }

    public void AddTo(Command root)
    {
        root.Options.Add(BootstrapServer);
        root.Options.Add(Gateway);
        root.Options.Add(Output);
        root.Options.Add(ConnectTimeout);
        root.Options.Add(RequestTimeout);
        root.Options.Add(ClusterId);
        root.Options.Add(ServiceId);
    }

    public OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(Output) == "json" ? OutputFormat.Json : OutputFormat.Text;

    public ConnectionSettings ConnectionOf(ParseResult parsed, Func<string, string?> environment)
    {
        var (named, through) = (parsed.GetValue(BootstrapServer), parsed.GetValue(Gateway));
        if (named is not null && through is not null)
        {
            throw new CliException(ExitCode.Usage, "give --bootstrap-server or --gateway, not both");
        }

        // What the command line says counts before any variable.
        if (named is null && through is null)
        {
            named = environment(AddressList.BrokerVariable);
            through = named is null ? environment(AddressList.GatewayVariable) : null;
        }

        return new ConnectionSettings(
            through is null ? AddressesOf(AddressList.BrokerVariable, named ?? AddressList.DefaultBroker) : [],
            through is null ? [] : AddressesOf(AddressList.GatewayVariable, through),
            parsed.GetValue(ClusterId)!, parsed.GetValue(ServiceId)!,
            DurationOf(parsed.GetValue(ConnectTimeout)!), DurationOf(parsed.GetValue(RequestTimeout)!));
    }

    private static string[] AddressesOf(string variable, string text) => AddressList.TryParse(text, out var addresses, out var error)
        ? addresses
        : throw new CliException(ExitCode.Usage, $"{variable}: {error}");

    private static string? CheckAddresses(string text) => AddressList.TryParse(text, out _, out var error) ? null : error;

    private static TimeSpan DurationOf(string text)
    {
        _ = Timestamps.TryParseDuration(text, out var duration);
        return duration;
    }

    private static string? CheckDuration(string text) =>
        Timestamps.TryParseDuration(text, out var duration) && duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(1)
            ? null : $"'{text}' is not a time up to a day; write 500ms, 5s, 2m";

    private static void Check(OptionResult result, Func<string, string?> check)
    {
        if (result.Tokens is [var token, ..] && check(token.Value) is { } error)
        {
            result.AddError($"{result.Option.Name}: {error}");
        }
    }
}

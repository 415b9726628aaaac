using System.Collections;
using System.Globalization;
using OrleansLog.Hosting;

namespace OrleansLog.Silo;

/// <summary>Brings all places of settings together, weakest first.</summary>
internal static class SiloSettings
{
    private const string EnvironmentPrefix = "ORLEANSLOG__";

    /// <summary>appsettings.json, then the properties files, then the environment, then the command line.</summary>
    public static void Apply(OrleansLogOptions options, SiloArguments arguments, IConfiguration appSettings)
    {
        options.AddConfiguration(appSettings.GetSection("OrleansLog"));
        foreach (var file in arguments.PropertiesFiles)
        {
            options.AddPropertiesFile(file);
        }

        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(v => new KeyValuePair<string, string>((string)v.Key, (string?)v.Value ?? "")).ToArray();
        options.AddEnvironment(environment);
        options.AddConfiguration(new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).Build());
        ApplyOptions(options, arguments);
    }

    /// <summary>Splits KEY=VALUE; null when it is not of that form.</summary>
    public static (string Key, string Value)? Split(string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? (setting[..equals].Trim(), setting[(equals + 1)..]) : null;
    }

    private static void ApplyOptions(OrleansLogOptions options, SiloArguments arguments)
    {
        foreach (var setting in arguments.Settings)
        {
            if (Split(setting) is { } pair)
            {
                options.Set(pair.Key, pair.Value, "-c");
            }
        }

        Set("node.id", Text(arguments.NodeId), "--node-id");
        Set("orleanslog.silo.port", Text(arguments.SiloPort), "--silo-port");
        Set("orleanslog.gateway.port", Text(arguments.GatewayPort), "--gateway-port");
        Set("orleanslog.http.address", arguments.HttpAddress, "--http");
        foreach (var directory in arguments.DataDirectories)
        {
            options.DataDirectories.Add(directory);
        }

        void Set(string name, string? value, string origin)
        {
            if (value is not null)
            {
                options.Set(name, value, origin);
            }
        }
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}

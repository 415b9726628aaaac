using System.Globalization;

namespace OrleansLog.Core.Configuration;

/// <summary>Reads <c>listeners</c>, <c>advertised.listeners</c> and <c>listener.security.protocol.map</c> together.</summary>
internal static class ListenerSettings
{
    private const string Form = "NAME://ADDRESS:PORT entries, such as PLAINTEXT://0.0.0.0:9092";
    private const string Plaintext = "PLAINTEXT";
    private static readonly string[] DefaultControllers = ["CONTROLLER"];

    /// <summary>The listeners for clients; those of a controller (<c>controller.listener.names</c>) have no meaning here and are left out.</summary>
    public static IReadOnlyList<ListenerSetting> Read(BrokerConfig config, List<ConfigError> errors)
    {
        var before = errors.Count;
        var protocols = Protocols(config.ListenerProtocols, errors);
        var controllers = config.ControllerListenerNames is { Count: > 0 } named ? named : DefaultControllers;
        var advertised = new Dictionary<string, (string Host, int Port)>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in config.AdvertisedListenerTexts)
        {
            if (!TryParse(entry, out var name, out var host, out var port) || host is "" or "0.0.0.0" or "::" || !advertised.TryAdd(name, (host, port)))
                errors.Add(new("advertised.listeners", entry, $"{Form.Replace("0.0.0.0", "broker.example", StringComparison.Ordinal)}, each name once"));
        }

        var listeners = new List<ListenerSetting>();
        foreach (var entry in config.ListenerTexts)
        {
            if (!TryParse(entry, out var name, out var host, out var port))
            {
                errors.Add(new("listeners", entry, Form));
                continue;
            }

            if (controllers.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;

            if (name == ListenerSetting.ReplicationName)
            {
                errors.Add(new("listeners", entry, "another listener name: this one is the brokers' own, whose port is orleanslog.replication.port"));
                continue;
            }

            Add(listeners, entry, name, host, port, protocols, advertised, errors);
        }

        foreach (var name in advertised.Keys.Where(name => !controllers.Contains(name, StringComparer.OrdinalIgnoreCase)
            && !listeners.Exists(listener => listener.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            if (errors.Count == before)
                errors.Add(new("advertised.listeners", name, "names that listeners has"));
        }

        return listeners;
    }

    private static void Add(
        List<ListenerSetting> listeners, string entry, string name, string host, int port, Dictionary<string, string> protocols,
        Dictionary<string, (string Host, int Port)> advertised, List<ConfigError> errors)
    {
        if (!protocols.TryGetValue(name, out var protocol))
        {
            errors.Add(new("listeners", entry, $"a listener whose name is in listener.security.protocol.map; {name} is not"));
        }
        else if (protocol != Plaintext)
        {
            errors.Add(new("listeners", entry, $"listeners of security protocol PLAINTEXT; {protocol} is not served yet"));
        }
        else if (listeners.Exists(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            errors.Add(new("listeners", entry, "each listener name once"));
        }
        else if (port > 0 && listeners.Exists(other => other.Port == port && other.Host == host))
        {
            errors.Add(new("listeners", entry, "each address and port once"));
        }
        else
        {
            var told = advertised.TryGetValue(name, out var value) ? value : (Host: null, Port: 0);
            listeners.Add(new ListenerSetting
            {
                Name = name,
                Protocol = protocol,
                Host = host,
                Port = port,
                AdvertisedHost = told.Host,
                AdvertisedPort = told.Port,
            });
        }
    }

    private static Dictionary<string, string> Protocols(IReadOnlyList<string> entries, List<ConfigError> errors)
    {
        var protocols = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            var protocol = colon > 0 ? entry[(colon + 1)..].Trim().ToUpperInvariant() : "";
            if (protocol is not (Plaintext or "SSL" or "SASL_PLAINTEXT" or "SASL_SSL"))
            {
                errors.Add(new("listener.security.protocol.map", entry, "NAME:PROTOCOL entries, with PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"));
                continue;
            }

            protocols[entry[..colon].Trim()] = protocol;
        }

        return protocols;
    }

    private static bool TryParse(string entry, out string name, out string host, out int port)
    {
        (name, host, port) = ("", "", 0);
        var scheme = entry.IndexOf("://", StringComparison.Ordinal);
        var colon = entry.LastIndexOf(':');
        if (scheme <= 0 || colon < scheme + 3)
            return false;

        name = entry[..scheme].Trim().ToUpperInvariant();
        host = entry[(scheme + 3)..colon].Trim().Trim('[', ']');
        return int.TryParse(entry.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65_535
            && !host.AsSpan().ContainsAny(" /@") && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
    }
}

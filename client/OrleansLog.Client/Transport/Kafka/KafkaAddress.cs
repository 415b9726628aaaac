using System.Globalization;
using System.Net.Sockets;

namespace OrleansLog.Client;

/// <summary>Where a broker listens. Two names of one machine are two addresses.</summary>
/// <param name="Host">A name, an IPv4 or an IPv6 address, the last without brackets.</param>
/// <param name="Port">1 to 65,535.</param>
internal readonly record struct KafkaAddress(string Host, int Port)
{
    public const string Default = "127.0.0.1:9092";

    /// <summary>Reads a list of <c>host:port</c>, each entry one or several with commas between; an empty list stands for <see cref="Default"/>.</summary>
    /// <exception cref="ArgumentException">An entry is not <c>host:port</c>.</exception>
    public static KafkaAddress[] ParseAll(IList<string> servers)
    {
        var addresses = new List<KafkaAddress>();
        foreach (var entry in servers)
        {
            foreach (var server in entry.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                addresses.Add(Parse(server));
        }

        return addresses.Count == 0 ? [Parse(Default)] : [.. addresses.Distinct()];
    }

    public static KafkaAddress Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new ArgumentException($"'{text}' is not a broker's address; write host:port, such as {Default}.");

    public static bool TryParse(string? text, out KafkaAddress address)
    {
        address = default;
        var trimmed = (text ?? "").Trim();
        var colon = trimmed.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(trimmed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = trimmed[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false; // An IPv6 address without brackets: where does it end?
        if (host.Length == 0 || host.Contains('/', StringComparison.Ordinal) || !IsPort(port))
            return false;
        address = new KafkaAddress(host, port);
        return true;
    }

    /// <summary>A broker's word for where it listens; false where it names nothing that can be connected to.</summary>
    public static bool TryCreate(string? host, int port, out KafkaAddress address)
    {
        address = new KafkaAddress(host ?? "", port);
        return address.Host.Length > 0 && IsPort(port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Why a connection attempt failed, in a few words.</summary>
    internal static string Describe(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "unknown host",
        SocketError.TimedOut => "no answer",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "no route to it",
        _ => error.Message,
    };

    private static bool IsPort(int port) => port is > 0 and <= 65_535;
}

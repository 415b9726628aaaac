using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>Reads <c>HOST:PORT[,HOST:PORT...]</c>.</summary>
internal static class AddressList
{
    /// <summary>Where a broker listens for Kafka clients unless it is told otherwise.</summary>
    public const string DefaultBroker = "127.0.0.1:9092";
    public const string BrokerVariable = "OLOG_BOOTSTRAP";
    public const string GatewayVariable = "OLOG_GATEWAY";

    public static bool TryParse(string text, out string[] addresses, out string? error)
    {
        addresses = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var bad = addresses.Length == 0 ? text : Array.Find(addresses, address => !TrySplit(address, out _, out _));
        error = bad is null ? null : $"'{bad}' is not HOST:PORT";
        return error is null;
    }

    public static (string Host, int Port) Split(string address) =>
        TrySplit(address, out var host, out var port) ? (host, port) : throw new ArgumentException($"'{address}' is not HOST:PORT", nameof(address));

    private static bool TrySplit(string address, out string host, out int port)
    {
        var colon = address.LastIndexOf(':');
        host = colon > 0 ? address[..colon].Trim('[', ']') : "";
        port = 0;
        return host.Length > 0
            && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}

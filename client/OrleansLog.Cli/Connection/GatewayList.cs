using System.Globalization;

namespace OrleansLog.Cli;

/// <summary>Reads <c>HOST:PORT[,HOST:PORT...]</c>.</summary>
internal static class GatewayList
{
    public const string Default = "127.0.0.1:30000";
    public const string Variable = "OLOG_GATEWAY";

    public static bool TryParse(string text, out string[] gateways, out string? error)
    {
        gateways = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var bad = gateways.Length == 0 ? text : Array.Find(gateways, gateway => !TrySplit(gateway, out _, out _));
        error = bad is null ? null : $"'{bad}' is not HOST:PORT";
        return error is null;
    }

    public static (string Host, int Port) Split(string gateway) =>
        TrySplit(gateway, out var host, out var port) ? (host, port) : throw new ArgumentException($"'{gateway}' is not HOST:PORT", nameof(gateway));

    private static bool TrySplit(string gateway, out string host, out int port)
    {
        var colon = gateway.LastIndexOf(':');
        host = colon > 0 ? gateway[..colon].Trim('[', ']') : "";
        port = 0;
        return host.Length > 0
            && int.TryParse(gateway.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}

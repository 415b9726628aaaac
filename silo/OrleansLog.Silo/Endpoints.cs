using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Core.Configuration;

namespace OrleansLog.Silo;

/// <summary>Where the silo listens, checked before anything starts. A gateway port of 0 is none: who only hosts the controller has nothing for clients.</summary>
internal sealed record Endpoints(IPAddress Listen, int SiloPort, int GatewayPort, IPEndPoint? Http)
{
    private const int NoPort = 0;

    public static Endpoints Of(BrokerConfig config)
    {
        var listen = Address(config.ListenAddress)
            ?? throw new StartException($"orleanslog.listen.address={config.ListenAddress} is not valid: expected an IP address such as 127.0.0.1 or 0.0.0.0");
        if (config.IsBroker && config.SiloPort == config.GatewayPort)
        {
            throw new StartException($"silo port and gateway port are both {config.SiloPort}: give them different ones with --silo-port and --gateway-port");
        }

        return new Endpoints(listen, config.SiloPort, config.IsBroker ? config.GatewayPort : NoPort, HttpOf(config.HttpAddress));
    }

    /// <summary>Refuses to start where somebody listens already.</summary>
    public void MustBeFree()
    {
        MustBeFree(new IPEndPoint(Listen, SiloPort), "silo port", "--silo-port");
        if (GatewayPort != NoPort)
        {
            MustBeFree(new IPEndPoint(Listen, GatewayPort), "gateway port", "--gateway-port");
        }

        if (Http is not null)
        {
            MustBeFree(Http, "HTTP address", "--http");
        }
    }

    private static void MustBeFree(IPEndPoint endpoint, string what, string option)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
        }
        catch (SocketException error)
        {
            throw new StartException(error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"{what} {endpoint} is in use, perhaps by another broker: stop that process, or choose another port with {option}",
                SocketError.AccessDenied => $"{what} {endpoint} may not be opened by this user: choose one above 1023 with {option}",
                _ => $"{what} {endpoint} cannot be opened: {error.Message}",
            });
        }
    }

    private static IPEndPoint? HttpOf(string? text)
    {
        if (text is null || text.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        if (colon > 0 && Address(text[..colon]) is { } address
            && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535)
        {
            return new IPEndPoint(address, port);
        }

        throw new StartException($"orleanslog.http.address={text} is not valid: expected ADDRESS:PORT such as 127.0.0.1:8080, or off");
    }

    private static IPAddress? Address(string text) =>
        text is "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text.Trim('[', ']'), out var address) ? address : null;
}

/// <summary>Why the silo does not start, in words for the person who started it.</summary>
internal sealed class StartException(string message) : Exception(message);

using System.Net;
using System.Net.Sockets;

namespace OrleansLog.Kafka.Listening;

/// <summary>From host names of the configuration to addresses, and back.</summary>
internal static class HostAddresses
{
    /// <summary>The address to listen on; empty is every address, of both families where there are two.</summary>
    /// <exception cref="SocketException">The name leads to no address.</exception>
    public static IPAddress ToListenOn(string host)
    {
        if (host is "" or "*")
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

        if (IPAddress.TryParse(host, out var address))
            return address;

        var all = Dns.GetHostAddresses(host);
        return Array.Find(all, one => one.AddressFamily == AddressFamily.InterNetwork) ?? all[0];
    }

    /// <summary>How others reach this machine, as far as it knows: its first address that is not loopback, or its name.</summary>
    public static string OfThisMachine()
    {
        var name = Dns.GetHostName();
        try
        {
            return Array.Find(Dns.GetHostAddresses(name, AddressFamily.InterNetwork), one => !IPAddress.IsLoopback(one))?.ToString() ?? name;
        }
        catch (SocketException)
        {
            return name;
        }
    }
}

using System.Net;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;

namespace OrleansLog.Kafka.Listening;

/// <summary>Where a client is told to find a broker: by the listener that it came to, or at the one address of a gateway (D9).</summary>
internal sealed class ClientEndpoints(BoundListeners listeners, BrokerConfig config)
{
    /// <summary>The endpoint of a broker for the client of a request; null when it has none of that listener.</summary>
    public (string Host, int Port)? Of(BrokerImage broker, RequestContext context)
    {
        if (config.IsGateway || broker.Id == config.NodeId)
            return Own(context.Connection);

        foreach (var endpoint in broker.Endpoints)
        {
            if (endpoint.Name == context.ListenerName)
                return (endpoint.Host, endpoint.Port);
        }

        return null;
    }

    /// <summary>A listener on all addresses that nobody gave a name is where the client found it.</summary>
    private (string Host, int Port)? Own(ConnectionState connection)
    {
        if (listeners.Find(connection.ListenerName) is not var (endpoint, setting))
            return null;

        return setting.IsWildcard && setting.AdvertisedHost is null
            ? (Text(connection.Local.Address), endpoint.AdvertisedPort)
            : (endpoint.AdvertisedHost, endpoint.AdvertisedPort);
    }

    private static string Text(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}

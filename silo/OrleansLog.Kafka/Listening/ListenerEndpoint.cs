using System.Net;

namespace OrleansLog.Kafka;

/// <summary>A listener that is bound.</summary>
/// <param name="Name">Listener name, such as <c>PLAINTEXT</c>.</param>
/// <param name="Protocol">Security protocol, such as <c>PLAINTEXT</c>.</param>
/// <param name="Bound">Address and port that the broker listens on; the port is the real one where 0 was asked for.</param>
/// <param name="AdvertisedHost">Host that clients are told.</param>
/// <param name="AdvertisedPort">Port that clients are told.</param>
public sealed record ListenerEndpoint(string Name, string Protocol, IPEndPoint Bound, string AdvertisedHost, int AdvertisedPort);

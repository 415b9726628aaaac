namespace OrleansLog.Client;

/// <summary>How a program outside the silos reaches the cluster over Orleans.</summary>
/// <remarks>Orleans' ports belong on a trusted network; see docs/concepts/sdk.md.</remarks>
public sealed class LogClientOptions
{
    /// <summary>
    /// Orleans gateways, each <c>host:port</c>. Default <c>127.0.0.1:30000</c>: a local silo. Not used inside a silo, nor where the
    /// program has an Orleans client of its own.
    /// </summary>
    public IList<string> Gateways { get; set; } = [];

    /// <summary>Orleans' cluster id. Default <c>orleanslog</c>.</summary>
    public string ClusterId { get; set; } = "orleanslog";

    /// <summary>Orleans' service id. Default <c>orleanslog</c>.</summary>
    public string ServiceId { get; set; } = "orleanslog";

    /// <summary>How long to try to connect at start, in milliseconds: default 30,000.</summary>
    public int ConnectTimeoutMs { get; set; } = 30_000;

    /// <summary>Longest wait for the answer to a request, in milliseconds: default 30,000.</summary>
    public int RequestTimeoutMs { get; set; } = 30_000;
}

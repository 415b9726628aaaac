using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OrleansLog.Grains;

/// <summary>Tells that a connection between this silo and another one has ended, whichever of them had made it.</summary>
internal sealed class SiloConnectionEnds
{
    private const int Most = 64;

    private readonly Channel<IPAddress?> _ends = Channel.CreateBounded<IPAddress?>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The other silo's address, where it is known, of each connection that has ended.</summary>
    public ChannelReader<IPAddress?> Reader => _ends.Reader;

    /// <summary>Takes its place in the connections that a builder makes.</summary>
    public void Observe(IConnectionBuilder builder) => builder.Use(next => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            _ends.Writer.TryWrite((connection.RemoteEndPoint as IPEndPoint)?.Address);
        }
    });
}

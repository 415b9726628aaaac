using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Kafka.Tests.Golden;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests;

/// <summary>A bare socket that speaks Kafka's frames: any request at any version, and bytes that are none.</summary>
public sealed class KafkaClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _correlation;

    public static async Task<KafkaClient> ConnectAsync(IPEndPoint endpoint)
    {
        var client = new KafkaClient();
        await client._socket.ConnectAsync(endpoint);
        return client;
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<TResponse> SendAsync<TResponse>(IMessage request, short version)
        where TResponse : class, IMessage
    {
        var codec = CodecOf(request);
        var correlation = ++_correlation;
        await SendFrameAsync(codec.WriteRequest(request, version, correlation, "test"));
        var frame = await ReceiveFrameAsync() ?? throw new EndOfStreamException($"the broker closed the connection instead of answering {request.GetType().Name} v{version}");
        Assert.Equal(correlation, BinaryPrimitives.ReadInt32BigEndian(frame));
        return (TResponse)codec.ReadResponse(frame, version);
    }

    /// <summary>Sends bytes as they are, the size in front included.</summary>
    public async Task SendFrameAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    /// <summary>An answer without its size; null when the broker closed the connection.</summary>
    public async Task<byte[]?> ReceiveFrameAsync()
    {
        using var cancel = new CancellationTokenSource(Patience);
        var size = new byte[4];
        if (!await FillAsync(size, cancel.Token))
            return null;

        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        return await FillAsync(frame, cancel.Token) ? frame : null;
    }

    public void Dispose() => _socket.Dispose();

    private static ApiCodec CodecOf(IMessage request) => ApiCodec.Of(request.GetType().Name.Replace("RequestData", "", StringComparison.Ordinal));

    private async Task<bool> FillAsync(Memory<byte> memory, CancellationToken cancellationToken)
    {
        while (memory.Length > 0)
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(memory, cancellationToken);
            }
            catch (SocketException)
            {
                return false;
            }

            if (read == 0)
                return false;

            memory = memory[read..];
        }

        return true;
    }
}

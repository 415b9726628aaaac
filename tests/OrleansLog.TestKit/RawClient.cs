using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.TestKit;

/// <summary>A socket that can say what it likes, and knows Kafka's frames.</summary>
public sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private RawClient(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static async Task<RawClient> ConnectAsync(IPEndPoint endpoint, int receiveBufferBytes = 0)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes > 0)
            socket.ReceiveBufferSize = receiveBufferBytes;

        await socket.ConnectAsync(endpoint);
        return new RawClient(socket);
    }

    /// <summary>A request with its header and its length.</summary>
    public static byte[] Frame<T>(T request, short version, int correlationId)
        where T : IRequestMessage
    {
        using var buffer = new MessageBuffer();
        buffer.Append(sizeof(int));
        var writer = new MessageWriter(buffer);
        new RequestHeaderData { RequestApiKey = (short)T.ApiKey, RequestApiVersion = version, CorrelationId = correlationId, ClientId = "test" }
            .Write(ref writer, ApiCatalog.RequestHeaderVersion(T.ApiKey, version));
        request.Write(ref writer, version);
        buffer.PatchInt32(0, (int)buffer.Length - sizeof(int));
        return buffer.ToArray();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (!bytes.IsEmpty)
            bytes = bytes[await Socket.SendAsync(bytes, SocketFlags.None, patience.Token)..];
    }

    public Task SendAsync<T>(T request, short version, int correlationId = 0)
        where T : IRequestMessage => SendAsync(Frame(request, version, correlationId));

    /// <summary>The next answer without its length; null when the broker closed the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        var prefix = new byte[sizeof(int)];
        if (!await TryFillAsync(prefix))
            return null;

        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
        return await TryFillAsync(frame) ? frame : throw new InvalidDataException("the connection ended within an answer");
    }

    /// <summary>The next answer, decoded.</summary>
    public async Task<T> ReceiveAsync<T>(short version, int correlationId = 0)
        where T : class, IResponseMessage, IMessage<T>
    {
        var frame = await ReceiveAsync() ?? throw new InvalidDataException("the connection ended without an answer");
        return CorrelationOf(frame) == correlationId
            ? Decode<T>(frame, version)
            : throw new InvalidDataException($"the answer to request {CorrelationOf(frame)} came instead of that to {correlationId}");
    }

    public static int CorrelationOf(byte[] frame) => BinaryPrimitives.ReadInt32BigEndian(frame);

    public static T Decode<T>(byte[] frame, short version)
        where T : class, IResponseMessage, IMessage<T>
    {
        var reader = new MessageReader(frame);
        var header = ResponseHeaderData.Read(ref reader, ApiCatalog.ResponseHeaderVersion(T.ApiKey, version));
        return (header is null ? null : T.Read(ref reader, version)) ?? throw new InvalidDataException(reader.Fault.ToString());
    }

    public async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : IRequestMessage
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        await SendAsync(request, version);
        return await ReceiveAsync<TResponse>(version);
    }

    /// <summary>Completes when the broker has closed the connection, without an answer before.</summary>
    public async Task AssertClosedAsync()
    {
        if (await ReceiveAsync() is { } frame)
            throw new InvalidDataException($"an answer of {frame.Length} bytes came instead of the end of the connection");
    }

    public void Dispose() => Socket.Dispose();

    private async Task<bool> TryFillAsync(Memory<byte> memory)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!memory.IsEmpty)
        {
            int received;
            try
            {
                received = await Socket.ReceiveAsync(memory, SocketFlags.None, patience.Token);
            }
            catch (SocketException)
            {
                return false;
            }

            if (received == 0)
                return false;

            memory = memory[received..];
        }

        return true;
    }
}

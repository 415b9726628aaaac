using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>A bare socket that speaks Kafka's frames, and allocates nothing for those that were written before.</summary>
internal sealed class RawKafka : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _frame = new byte[64 << 10];

    /// <summary>Bytes of the last answer, without its length.</summary>
    public int AnswerBytes { get; private set; }

    /// <summary>The last answer; the next one takes its place.</summary>
    public ReadOnlySpan<byte> Answer => _frame.AsSpan(0, AnswerBytes);

    public static RawKafka Connect(string address)
    {
        var client = new RawKafka();
        client._socket.Connect(IPEndPoint.Parse(address));
        return client;
    }

    public static RawKafka Connect(int port) => Connect(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));

    /// <summary>A request with its length, to be sent as often as wanted.</summary>
    public static byte[] Frame<TRequest>(TRequest request, short version)
        where TRequest : class, IRequestMessage
    {
        using var buffer = new MessageBuffer();
        MessageFrame.WriteRequest(buffer, request, version, correlationId: 1, clientId: "bench");
        return buffer.ToArray();
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Receives one answer into the buffer that stays.</summary>
    public void Receive()
    {
        Fill(sizeof(int));
        AnswerBytes = BinaryPrimitives.ReadInt32BigEndian(_frame);
        if (AnswerBytes > _frame.Length)
            _frame = new byte[AnswerBytes * 2];

        Fill(AnswerBytes);
    }

    /// <summary>Receives that many bytes and forgets them.</summary>
    public void Skip(int bytes)
    {
        while (bytes > 0)
        {
            var received = _socket.Receive(_frame.AsSpan(0, Math.Min(bytes, _frame.Length)));
            bytes -= received > 0 ? received : throw new EndOfStreamException("the server closed the connection");
        }
    }

    public TResponse Ask<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequestMessage
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        Send(Frame(request, version));
        Receive();
        return Decode<TResponse>(_frame.AsMemory(0, AnswerBytes), version);
    }

    /// <summary>Sends a frame so often, with so many unanswered at a time.</summary>
    public void SendWindowed(byte[] frame, int times, int window)
    {
        for (var i = 0; i < times + window; i++)
        {
            if (i >= window)
                Receive();
            if (i < times)
                Send(frame);
        }
    }

    public void Dispose() => _socket.Dispose();

    public static TResponse Decode<TResponse>(Memory<byte> frame, short version)
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        var reader = new MessageReader(frame);
        _ = ResponseHeaderData.Read(ref reader, ApiCatalog.ResponseHeaderVersion(TResponse.ApiKey, version));
        return TResponse.Read(ref reader, version) ?? throw new InvalidDataException(reader.Fault.ToString());
    }

    private void Fill(int bytes)
    {
        for (var filled = 0; filled < bytes;)
        {
            var received = _socket.Receive(_frame.AsSpan(filled, bytes - filled));
            filled += received > 0 ? received : throw new EndOfStreamException("the server closed the connection");
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OrleansLog.Kafka.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Replication;

/// <summary>A connection to another broker's replication listener. Requests may be pipelined; one sender and one receiver at a time.</summary>
internal sealed class PeerConnection : IDisposable
{
    private const int PrefixBytes = sizeof(int);
    private const string ClientId = "orleanslog-replica";
    private const short AuthenticateVersion = 2;

    private readonly Socket _socket;
    private readonly long _answerMaxBytes;
    private readonly SilenceWatch _silence;
    private readonly byte[] _prefix = new byte[PrefixBytes];
    private readonly RequestHeaderData _header = new() { ClientId = ClientId };
    private int _lastSent;
    private int _lastReceived;

    private PeerConnection(Socket socket, long answerMaxBytes, SilenceWatch silence)
    {
        _socket = socket;
        _answerMaxBytes = answerMaxBytes;
        _silence = silence;
    }

    /// <summary>Connects to a broker, and each side proves that it is of the cluster.</summary>
    /// <param name="endpoint">Where its replication listener is.</param>
    /// <param name="leaderId">Which broker is meant to be there.</param>
    /// <param name="self">This broker's id and broker epoch.</param>
    /// <param name="secret">The cluster's secret.</param>
    /// <param name="receiveBufferBytes">Receive buffer of the socket; -1 leaves it to the system.</param>
    /// <param name="answerMaxBytes">No answer may be larger.</param>
    /// <param name="silence">Learns when an answer is waited for, and that something comes.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">Nobody answers, or the connection broke.</exception>
    /// <exception cref="PeerException">It is not the broker that it should be.</exception>
    public static async Task<PeerConnection> ConnectAsync(
        DnsEndPoint endpoint, int leaderId, (int Id, long Epoch) self, string secret, int receiveBufferBytes, long answerMaxBytes, SilenceWatch silence,
        CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = new PeerConnection(socket, answerMaxBytes, silence);
        try
        {
            if (receiveBufferBytes > 0)
                socket.ReceiveBufferSize = receiveBufferBytes;

            silence.Owed();
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            await connection.AuthenticateAsync(leaderId, self, secret, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            silence.Settled();
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request.</summary>
    public async ValueTask SendAsync(IMessage request, ApiKey api, short version, CancellationToken cancellationToken)
    {
        var buffer = MessageBuffers.Rent();
        try
        {
            Write(buffer, request, api, version);
            var segments = buffer.Segments;
            for (var i = 0; i < segments.Count; i++)
            {
                for (var rest = segments[i]; !rest.IsEmpty;)
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        finally
        {
            MessageBuffers.Return(buffer);
        }
    }

    /// <summary>Receives the next answer, in the order of the requests. Dispose it when what was read from it is done with.</summary>
    public async ValueTask<PeerAnswer> ReceiveAsync(CancellationToken cancellationToken)
    {
        _silence.Owed();
        try
        {
            return await ReceiveNextAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _silence.Settled();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
    }

    private async ValueTask<PeerAnswer> ReceiveNextAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_prefix, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(_prefix);
        if (length < sizeof(int) || length > _answerMaxBytes)
            throw new PeerException($"an answer of {length} bytes; {_answerMaxBytes} is the most (replica.fetch.response.max.bytes)");

        var array = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await FillAsync(array.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            if (BinaryPrimitives.ReadInt32BigEndian(array) != ++_lastReceived)
                throw new PeerException("an answer that was not asked for");

            return new PeerAnswer(array, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(array);
            throw;
        }
    }

    private void Write(MessageBuffer buffer, IMessage request, ApiKey api, short version)
    {
        buffer.Append(PrefixBytes);
        var writer = new MessageWriter(buffer);
        _header.RequestApiKey = (short)api;
        _header.RequestApiVersion = version;
        _header.CorrelationId = ++_lastSent;
        _header.Write(ref writer, ApiCatalog.RequestHeaderVersion(api, version));
        request.Write(ref writer, version);
        buffer.PatchInt32(0, checked((int)buffer.Length) - PrefixBytes);
    }

    private async ValueTask FillAsync(Memory<byte> memory, CancellationToken cancellationToken)
    {
        while (!memory.IsEmpty)
        {
            var received = await _socket.ReceiveAsync(memory, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (received == 0)
                throw new SocketException((int)SocketError.ConnectionReset);

            _silence.Heard();
            memory = memory[received..];
        }
    }

    private async Task AuthenticateAsync(int leaderId, (int Id, long Epoch) self, string secret, CancellationToken cancellationToken)
    {
        var hello = PeerProof.Hello(self.Id, self.Epoch);
        var challenge = await SayAsync(hello, cancellationToken).ConfigureAwait(false);
        if (!PeerProof.IsChallengeOf(leaderId, secret, hello, challenge))
            throw new PeerException($"it has not proven to be broker {leaderId} of this cluster");

        await SayAsync(PeerProof.OfFollower(secret, hello, challenge), cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> SayAsync(byte[] said, CancellationToken cancellationToken)
    {
        await SendAsync(new SaslAuthenticateRequestData { AuthBytes = said }, ApiKey.SaslAuthenticate, AuthenticateVersion, cancellationToken).ConfigureAwait(false);
        using var answer = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        var response = answer.Read(SaslAuthenticateResponseData.Read, ApiKey.SaslAuthenticate, AuthenticateVersion);
        return response.ErrorCode == ErrorCode.None
            ? response.AuthBytes.ToArray()
            : throw new PeerException($"it refuses this broker ({response.ErrorCode}); its log says why");
    }
}

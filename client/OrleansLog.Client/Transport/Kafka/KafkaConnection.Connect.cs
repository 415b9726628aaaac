using System.Net;
using System.Net.Sockets;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaConnection
{
    private const int AttemptMsMax = 10_000;
    private const short FirstApiVersions = 3;

    private static readonly string SoftwareVersion = typeof(KafkaConnection).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Connects, and learns what the broker serves. Either a connection or a failure; throws only when cancelled.</summary>
    public static async Task<(KafkaConnection? Connection, KafkaFailure? Failure)> ConnectAsync(
        KafkaAddress address, KafkaEnvironment environment, CancellationToken cancellationToken)
    {
        var limitMs = Math.Min(environment.Options.ConnectTimeoutMs, AttemptMsMax);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(limitMs), environment.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        KafkaConnection? connection = null;
        try
        {
            connection = new KafkaConnection(address, await OpenAsync(address, limit.Token).ConfigureAwait(false), environment);
            _ = connection.ReadAsync(); // Owned by the connection: it ends, with everything on it, when the socket is closed.
            if (await connection.NegotiateAsync(limit.Token).ConfigureAwait(false) is not { } refusal)
                return (connection, null);
            connection.Close(refusal);
            return (null, refusal);
        }
        catch (SocketException error)
        {
            var failure = KafkaFailure.Network($"No broker answers at {address} ({KafkaAddress.Describe(error)}).");
            connection?.Close(failure);
            return (null, failure);
        }
        catch (OperationCanceledException)
        {
            var failure = KafkaFailure.Network($"No broker answers at {address} (no answer in {limitMs} ms).");
            connection?.Close(failure);
            cancellationToken.ThrowIfCancellationRequested();
            return (null, failure);
        }
    }

    // A name is resolved with each attempt: brokers move. Its addresses are tried one after the other.
    private static async Task<Socket> OpenAsync(KafkaAddress address, CancellationToken cancellationToken)
    {
        IPAddress[] candidates = IPAddress.TryParse(address.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false);
        SocketException? last = null;
        foreach (var candidate in candidates)
        {
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(candidate, address.Port), cancellationToken).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException error)
            {
                last = error;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private async Task<KafkaFailure?> NegotiateAsync(CancellationToken cancellationToken)
    {
        var version = FirstApiVersions;
        while (true)
        {
            var call = new ApiVersionsCall(version, SoftwareVersion);
            if (!TryEnqueue(call, out var mustPump))
                return Failure;
            if (mustPump)
                Pump();
            var (response, failure, _) = await call.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (failure is not null)
                return failure;
            if (response!.ErrorCode == ErrorCode.UnsupportedVersion && version > 0)
            {
                // An older broker: its answer, in version 0, says how old; some leave that out.
                version = Math.Min((short)(version - 1), HighestApiVersions(response));
                continue;
            }

            if (response.ErrorCode != ErrorCode.None)
                return KafkaFailure.NotABroker($"{Address} answers ApiVersions with {response.ErrorCode}.");
            foreach (var api in response.ApiKeys)
                _versions.Add(api.ApiKey, api.MinVersion, api.MaxVersion);
            return _versions.Count > 0 ? null : KafkaFailure.NotABroker($"{Address} serves no Kafka API at all.");
        }
    }

    private static short HighestApiVersions(ApiVersionsResponseData response)
    {
        foreach (var api in response.ApiKeys)
        {
            if (api.ApiKey == (short)ApiKey.ApiVersions)
                return Math.Max((short)0, api.MaxVersion);
        }

        return 0;
    }

    /// <summary>The first request on a connection; its versions are not agreed on yet.</summary>
    private sealed class ApiVersionsCall(short version, string softwareVersion) : KafkaCall
    {
        private readonly TaskCompletionSource<KafkaAnswer<ApiVersionsResponseData>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ApiKey ApiKey => ApiKey.ApiVersions;

        public override short MinVersion => version;

        public override short MaxVersion => version;

        public Task<KafkaAnswer<ApiVersionsResponseData>> Answer => _answer.Task;

        public override short Negotiate(ApiVersionTable versions) => version;

        public override void Write(ref MessageWriter writer) =>
            new ApiVersionsRequestData { ClientSoftwareName = "orleanslog-dotnet", ClientSoftwareVersion = softwareVersion }.Write(ref writer, Version);

        public override MessageFault Complete(Frame frame, ref MessageReader reader)
        {
            // A broker that does not know this version answers in version 0 (KIP-511); the error comes first in all of them.
            var isRefusal = reader.Remaining >= 2
                && System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(reader.Rest.Span) == (short)ErrorCode.UnsupportedVersion;
            var response = ApiVersionsResponseData.Read(ref reader, isRefusal ? (short)0 : Version);
            if (response is null)
                return reader.Fault;
            _answer.TrySetResult(new KafkaAnswer<ApiVersionsResponseData>(response, null, WasSent: true));
            return MessageFault.None;
        }

        public override void Fail(KafkaFailure failure) =>
            _answer.TrySetResult(new KafkaAnswer<ApiVersionsResponseData>(null, failure, WasSent));
    }
}
